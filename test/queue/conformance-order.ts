import { expect, it } from "@jest/globals";
import { ids, newJob, type QueueSuite } from "./conformance-suite.ts";

/** Jobs come by their due times. */
export function describeOrder(suite: QueueSuite): void {
  const { can, isReal, leaseMs } = suite;

  if (can.strictOrder) {
    it("hands out due jobs by due time, then in the order they were sent", async () => {
      const dueAt = suite.inMs(-10_000);
      for (const [id, due] of [
        ["c", suite.inMs(-5_000)],
        ["d", suite.inMs(-4_000)],
        ["a", dueAt],
        ["e", undefined],
        ["b", dueAt],
      ] as const) {
        await suite.queue.send(newJob(id, due ? { dueAt: due } : {}));
      }
      expect(ids(await suite.claim(2))).toEqual(["a", "b"]);
      expect(ids(await suite.claim(2))).toEqual(["c", "d"]);
      expect(ids(await suite.claim(2))).toEqual(["e"]);
    });
  }

  it("hands out delayed jobs in the order of their due times", async () => {
    await suite.queue.send(newJob("later", { dueAt: suite.inMs(3 * leaseMs) }));
    await suite.queue.send(newJob("sooner", { dueAt: suite.inMs(leaseMs) }));
    expect(await suite.claimNow()).toEqual([]);
    await suite.pass(leaseMs);
    expect(ids(await suite.claimAll(1))).toEqual(["sooner"]);
    await suite.pass(2 * leaseMs);
    expect(ids(await suite.claimNow()).filter((id) => id === "later")).toEqual(["later"]);
  });

  if (!isReal) {
    it("keeps a job until its due time to the millisecond, and tells when that is", async () => {
      await suite.queue.send(newJob("a", { dueAt: suite.inMs(5_000) }));
      expect(await suite.queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [], nextDueAt: suite.inMs(5_000) });
      await suite.clock.advance(4_999);
      expect(await suite.claim()).toEqual([]);
      await suite.clock.advance(1);
      expect(ids(await suite.claim())).toEqual(["a"]);
    });
  }

  if (Number.isFinite(can.longestDelayMs)) {
    it("refuses a delay that is longer than its engine can wait", async () => {
      const dueAt = suite.inMs(can.longestDelayMs + 60_000);
      await expect(suite.queue.send(newJob("a", { dueAt }))).rejects.toMatchObject({ code: "unsupported" });
      await suite.queue.send(newJob("b"));
      const { id, lease } = await suite.claimOne();
      const [lost] = (await suite.settle({ id, lease, outcome: "retry", dueAt, reason: "as late as possible" })).lost;
      expect(lost).toBeUndefined();
      expect(await suite.claimNow()).toEqual([]);
    });
  }

  it("tells no next due time when it is empty", async () => {
    expect(await suite.queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [] });
  });
}
