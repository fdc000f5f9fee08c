import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import { acknowledge, dead, ids, newJob, type QueueSuite } from "./conformance-suite.ts";

/** What an operator sees and does. */
export function describeOperators(suite: QueueSuite): void {
  const { can, isReal, leaseMs } = suite;

  if (can.lists) {
    it("lists what is still to be done, with why it failed last", async () => {
      await suite.queue.send(newJob("a", { group: "github" }));
      const job = await suite.claimOne();
      const dueAt = suite.inMs(90_000);
      await suite.settle({ id: "a", lease: job.lease, outcome: "retry", dueAt, reason: "timeout" });
      const [listed] = (await suite.queue.list({ state: "open" })).jobs;
      expect(listed).toMatchObject({ id: "a", handler: "Work", head: "{}", group: "github", attempts: 1, reason: "timeout" });
      expect(Math.abs((listed?.dueAt.getTime() ?? 0) - dueAt.getTime())).toBeLessThan(isReal ? 1_000 : 1);
      expect(Buffer.from(listed?.body ?? []).toString()).toBe("a");
    });

    it("lists in pages, oldest first", async () => {
      for (const id of ["a", "b", "c", "d", "e"]) await suite.queue.send(newJob(id));
      const first = await suite.queue.list({ state: "open", limit: 2 });
      const second = await suite.queue.list({ state: "open", limit: 2, after: first.next! });
      const third = await suite.queue.list({ state: "open", limit: 2, after: second.next! });
      expect([first, second, third].map(({ jobs }) => ids(jobs))).toEqual([["a", "b"], ["c", "d"], ["e"]]);
      expect([first.total, third.next]).toEqual([5, undefined]);
      expect(await suite.queue.list({ state: "open", limit: 0 })).toEqual({ jobs: [], total: 5 });
    });
  } else {
    it("says that it cannot list what is still to be done", async () => {
      await expect(suite.queue.list({ state: "open", limit: 1 })).rejects.toMatchObject({ code: "unsupported" });
    });
  }

  if (can.counts === "none") {
    it("says that it cannot count", async () => {
      await expect(suite.total()).rejects.toMatchObject({ code: "unsupported" });
    });
  } else {
    it("counts what is still to be done, leased or not", async () => {
      for (const id of ["a", "b", "c"]) await suite.queue.send(newJob(id));
      const [job] = await suite.claimAll(1);
      expect(await suite.total()).toBe(3);
      await suite.settle(acknowledge(job!));
      for (let tries = 0; (await suite.total()) !== 2 && tries < 100; tries++) await delay(isReal ? 20 : 0);
      expect(await suite.total()).toBe(2);
    });
  }

  if (can.deadLetters) {
    it("keeps a dead letter with its reason, and hands it out no more", async () => {
      await suite.queue.send(newJob("a", { head: "head", body: Buffer.from("body"), group: "github" }));
      const before = suite.inMs(0).getTime();
      await suite.settle(dead(await suite.claimOne()));
      await suite.pass(2 * leaseMs);
      expect(await suite.queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [] });
      const { jobs, total: count } = await suite.queue.list({ state: "dead" });
      expect(count).toBe(1);
      expect(jobs).toMatchObject([{ id: "a", head: "head", group: "github", attempts: 1, reason: "it failed" }]);
      expect(Math.abs((jobs[0]?.deadAt?.getTime() ?? 0) - before)).toBeLessThan(isReal ? 1_000 : 1);
      expect(Buffer.from(jobs[0]!.body).toString()).toBe("body");
      expect(await suite.total()).toBe(0);
    });

    it("makes a dead letter due with its id and a fresh count of attempts", async () => {
      await suite.queue.send(newJob("a", { group: "github" }));
      const first = await suite.claimOne();
      await suite.settle(dead(first));
      expect(await suite.queue.retry(["a", "a", "unknown"])).toBe(1);
      const again = await suite.claimOne();
      expect(again).toMatchObject({ id: "a", group: "github", attempt: 1, crashes: 0 });
      expect(again.lease).not.toBe(first.lease);
    });

    it("retries and purges dead letters only, some or all", async () => {
      for (const id of ["a", "b", "c", "d"]) await suite.queue.send(newJob(id));
      const jobs = await suite.claimAll(4);
      await suite.settle(...jobs.filter(({ id }) => id !== "d").map(dead));
      expect(await suite.queue.retry(["a", "d"])).toBe(1);
      expect(await suite.queue.purge(["b", "d"])).toBe(1);
      expect(await suite.queue.purge("all")).toBe(1);
      expect(await suite.queue.retry("all")).toBe(0);
      expect([await suite.total(), await suite.total("dead")]).toEqual([2, 0]);
    });

    it("lists dead letters in pages, oldest first", async () => {
      for (const id of ["a", "b", "c"]) {
        await suite.queue.send(newJob(id));
        await suite.settle(dead(await suite.claimOne()));
        if (isReal) await delay(2); // engines that order by time go by milliseconds
      }
      const first = await suite.queue.list({ state: "dead", limit: 2 });
      const second = await suite.queue.list({ state: "dead", limit: 2, after: first.next! });
      expect([first, second].map(({ jobs }) => ids(jobs))).toEqual([["a", "b"], ["c"]]);
      expect([first.total, second.next]).toEqual([3, undefined]);
    });
  } else {
    it("says that it keeps no dead letters", async () => {
      await expect(suite.queue.list({ state: "dead" })).rejects.toMatchObject({ code: "unsupported" });
      await expect(suite.queue.retry("all")).rejects.toMatchObject({ code: "unsupported" });
      await expect(suite.queue.purge(["a"])).rejects.toMatchObject({ code: "unsupported" });
    });

    it("does not lose a job that is to become a dead letter", async () => {
      await suite.queue.send(newJob("a"));
      await expect(suite.settle(dead(await suite.claimOne()))).rejects.toMatchObject({ code: "unsupported" });
      await suite.pass(leaseMs);
      expect(ids(await suite.claimAll(1))).toEqual(["a"]);
    });
  }
}
