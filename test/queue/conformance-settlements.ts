import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import { acknowledge, anyBytes, dead, ids, newJob, type QueueSuite } from "./conformance-suite.ts";

/** What becomes of a job that is settled. */
export function describeSettlements(suite: QueueSuite): void {
  const { can, isReal, leaseMs, shortMs } = suite;

  it("settles and claims in one call", async () => {
    await suite.queue.send(newJob("a"));
    const job = await suite.claimOne();
    await suite.queue.send(newJob("b"));
    if (isReal) await delay(shortMs);
    expect(ids(await suite.claim(10, [acknowledge(job)]))).toEqual(["b"]);
    await suite.pass(leaseMs);
    expect(ids(await suite.claimAll(1))).toEqual(["b"]);
  });

  it("makes a job due again at the time that a retry asks for", async () => {
    await suite.queue.send(newJob("a"));
    const job = await suite.claimOne();
    await suite.settle({ id: "a", lease: job.lease, outcome: "retry", dueAt: suite.inMs(2 * leaseMs), reason: "timeout" });
    expect(await suite.claimNow()).toEqual([]);
    await suite.pass(2 * leaseMs);
    expect(await suite.claimOne()).toMatchObject({ id: "a", attempt: 2, head: "{}", group: "" });
  });

  it("gives the attempt back when a job is released", async () => {
    await suite.queue.send(newJob("a"));
    const { id, lease } = await suite.claimOne();
    expect((await suite.settle({ id, lease, outcome: "release" })).lost).toEqual([]);
    const again = await suite.claimOne();
    expect(again).toMatchObject({ attempt: 1, crashes: 0 });
    expect(again.lease).not.toBe(lease);
  });

  it("keeps a released job back until the time that it is given", async () => {
    await suite.queue.send(newJob("a"));
    const { id, lease } = await suite.claimOne();
    await suite.settle({ id, lease, outcome: "release", dueAt: suite.inMs(2 * leaseMs) });
    expect(await suite.claimNow()).toEqual([]);
    await suite.pass(2 * leaseMs);
    expect(await suite.claimOne()).toMatchObject({ attempt: 1 });
  });

  it("keeps a job byte for byte while it is released, tried again and retried as a dead letter", async () => {
    const job = newJob("a/é\u0000:1", { head: JSON.stringify({ text: "é\u0000\u{1f600}" }), body: anyBytes(1_000), group: "github" });
    await suite.queue.send(job);
    const claimSame = async () => {
      const { body, ...claimed } = await suite.claimOne();
      expect(claimed).toMatchObject({ id: job.id, handler: job.handler, head: job.head, group: job.group });
      expect(Buffer.compare(body, job.body)).toBe(0);
      return { ...claimed, body };
    };
    const { id, lease } = await claimSame();
    await suite.settle({ id, lease, outcome: "release" });
    const second = await claimSame();
    await suite.settle({ id, lease: second.lease, outcome: "retry", dueAt: suite.inMs(0), reason: "x" });
    const third = await claimSame();
    if (!can.deadLetters) return;
    await suite.settle(dead(third));
    await suite.queue.retry([id]);
    await claimSame();
  });

  it("takes any text as the reason of a failure", async () => {
    const reason = `first\r\nsecond \u0000 é \u{1f600} \ud83d ${"€".repeat(2_000)}`;
    await suite.queue.send(newJob("a"));
    const { id, lease } = await suite.claimOne();
    expect((await suite.settle({ id, lease, outcome: "retry", dueAt: suite.inMs(0), reason })).lost).toEqual([]);
    const again = await suite.claimOne();
    expect(again).toMatchObject({ id: "a", attempt: 2 });
    if (!can.deadLetters) return;
    expect((await suite.settle({ id, lease: again.lease, outcome: "dead", reason })).lost).toEqual([]);
    const [letter] = (await suite.queue.list({ state: "dead" })).jobs;
    expect(letter?.reason).toMatch(/^first\r\nsecond/);
  });
}
