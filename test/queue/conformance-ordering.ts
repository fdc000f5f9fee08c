import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import { acknowledge, dead, ids, newJob, type QueueSuite, sorted } from "./conformance-suite.ts";

/** Jobs of one ordering key, and groups that are left out. */
export function describeOrdering(suite: QueueSuite): void {
  const { can, leaseMs } = suite;

  if (can.ordering) describeKeys(suite);
  else {
    it("refuses a job with an ordering key, which it could not keep", async () => {
      const ordering = { key: "k", afterDead: "continue" } as const;
      await expect(suite.queue.send(newJob("a", { ordering }))).rejects.toMatchObject({ code: "unsupported" });
      expect(await suite.claimNow()).toEqual([]);
    });
  }

  if (can.exceptions) {
    it("hands out nothing of a group that is excepted", async () => {
      for (const [id, group] of [
        ["a", "slow"],
        ["b", "quick"],
        ["c", "slow"],
        ["d", undefined],
      ] as const)
        await suite.queue.send(newJob(id, group ? { group } : {}));
      expect(ids((await suite.queue.claim({ limit: 10, leaseMs, except: ["slow"] })).jobs)).toEqual(["b", "d"]);
      expect(ids((await suite.queue.claim({ limit: 10, leaseMs, except: ["other"] })).jobs)).toEqual(["a", "c"]);
    });
  }
}

function describeKeys(suite: QueueSuite): void {
  const { leaseMs } = suite;
  const keyed = (id: string, key = "k", afterDead: "continue" | "wait" = "continue") => newJob(id, { ordering: { key, afterDead } });

  it("hands out jobs of one key one at a time, in the order they were sent, and does not hold up others", async () => {
    for (const job of [keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"), newJob("c"), keyed("a3", "a")]) await suite.queue.send(job);
    const jobs = await suite.claim();
    expect(ids(jobs)).toEqual(["a1", "b1", "c"]);
    expect(await suite.claim()).toEqual([]);
    expect(ids(await suite.claim(10, [acknowledge(jobs[0]!)]))).toEqual(["a2"]);
    expect(await suite.claim()).toEqual([]);
  });

  it("lets those of a key wait while the first is tried again, held back or lost by its worker", async () => {
    await suite.queue.send(keyed("a"));
    await suite.queue.send(keyed("b"));
    const first = await suite.claimOne();
    await suite.settle({ ...first, outcome: "retry", dueAt: suite.inMs(2 * leaseMs), reason: "x" });
    expect(await suite.claimNow()).toEqual([]);
    await suite.pass(2 * leaseMs);
    expect(ids(await suite.claim())).toEqual(["a"]);
    await suite.pass(leaseMs);
    const again = await suite.claim();
    expect(ids(again)).toEqual(["a"]);
    expect(ids(await suite.claim(10, [acknowledge(again[0]!)]))).toEqual(["b"]);
  });

  it("goes on after a dead letter, where that is the policy", async () => {
    await suite.queue.send(keyed("a"));
    await suite.queue.send(keyed("b"));
    await suite.settle(dead(await suite.claimOne()));
    expect(ids(await suite.claimAll(1))).toEqual(["b"]);
  });

  it("waits behind a dead letter, where that is the policy, until it is retried and done, or purged", async () => {
    for (const id of ["a", "b", "c"]) await suite.queue.send(keyed(id, "k", "wait"));
    await suite.settle(dead(await suite.claimOne()));
    expect(await suite.claimNow()).toEqual([]);
    await suite.queue.retry("all");
    const again = await suite.claimOne();
    expect(again.id).toBe("a");
    await suite.settle(acknowledge(again));
    const second = await suite.claimOne();
    expect(second.id).toBe("b");
    await suite.settle(dead(second));
    expect(await suite.claimNow()).toEqual([]);
    await suite.queue.purge(["b"]);
    expect(ids(await suite.claimAll(1))).toEqual(["c"]);
  });

  it("keeps the order of each of many keys under several workers", async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    for (let turn = 0; turn < 10; turn++) await Promise.all(keys.map((key) => suite.queue.send(keyed(`${key}/${turn}`, key))));
    const seen = new Map<string, string[]>();
    let count = 0;
    const running = new Set<string>();
    const work = async () => {
      while (count < 200) {
        for (const job of await suite.claim(5)) {
          const key = job.id.split("/")[0] ?? "";
          expect(running.has(key)).toBe(false);
          running.add(key);
          seen.set(key, [...(seen.get(key) ?? []), job.id]);
          await delay(0);
          running.delete(key);
          await suite.settle(acknowledge(job));
          count++;
        }
        await delay(0);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    for (const [key, order] of seen) expect(order).toEqual(Array.from({ length: 10 }, (_, turn) => `${key}/${turn}`));
    expect(sorted([...seen.keys()])).toEqual(sorted(keys));
  });
}
