import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import type { Settlement } from "../../src/queue/queue.ts";
import { acknowledge, ids, newJob, type QueueSuite } from "./conformance-suite.ts";

/** Many workers, a listener, and the end. */
export function describeSharing(suite: QueueSuite): void {
  const { can, isReal, leaseMs, shortMs } = suite;

  it("hands each of 1,200 jobs to one of several workers", async () => {
    const all = Array.from({ length: 1_200 }, (_, index) => `job-${index}`);
    await Promise.all(all.map((id) => suite.queue.send(newJob(id))));
    const seen: string[] = [];
    const longLease = isReal ? 60_000 : leaseMs;
    const work = async () => {
      let settling: readonly Settlement[] = [];
      for (let idle = 0; idle < (isReal ? 20 : 1); ) {
        const { jobs } = await suite.queue.claim({ limit: 7, leaseMs: longLease, settle: settling });
        settling = jobs.map(acknowledge);
        seen.push(...ids(jobs));
        idle = jobs.length > 0 || seen.length < all.length ? 0 : idle + 1;
        if (jobs.length === 0) await delay(isReal ? 5 : 0);
      }
    };
    await Promise.all([work(), work(), work(), work(), work()]);
    expect(seen).toHaveLength(1_200);
    expect(new Set(seen)).toEqual(new Set(all));
    if (can.counts !== "none") expect(await suite.total()).toBe(0);
  });

  it("calls back when a job may have become due, until it is told to stop", async () => {
    let calls = 0;
    const stop = suite.queue.watch(() => calls++);
    await suite.queue.send(newJob("a"));
    for (let tries = 0; calls === 0 && tries < 500; tries++) await delay(isReal ? 10 : 0);
    expect(calls).toBeGreaterThan(0);
    const job = await suite.claimOne();
    await suite.settle(acknowledge(job));
    stop();
    if (isReal) await delay(shortMs);
    calls = 0;
    await suite.queue.send(newJob("b"));
    await suite.claimOne();
    expect(calls).toBe(0);
  });

  it("finishes what is under way before it closes", async () => {
    const sends = Promise.allSettled(["a", "b", "c"].map((id) => suite.queue.send(newJob(id))));
    await suite.queue.close();
    expect((await sends).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  });

  it("rejects every call after close, and may be closed twice", async () => {
    await suite.queue.close();
    await suite.queue.close();
    const calls = [
      suite.queue.send(newJob("a")),
      suite.queue.claim({ limit: 1, leaseMs }),
      suite.queue.renew([], leaseMs),
      ...(can.lists && can.deadLetters ? [suite.queue.list({ state: "open" }), suite.queue.retry("all"), suite.queue.purge("all")] : []),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "closed" });
  });
}
