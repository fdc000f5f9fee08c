import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { capabilitiesOf, type QueueCapabilities } from "../../src/queue/capabilities.ts";
import type { LeasedJob, NewJob, Queue, Settlement } from "../../src/queue/queue.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";

/** What the suite needs to know of a driver. */
export interface QueueUnderTest {
  /** A fresh, empty queue; on the given clock, where the engine has none of its own. */
  open(clock: ControllableClock): Promise<Queue>;
  /** Removes what `open` left; called after the queue has been closed. */
  cleanUp?(): Promise<void>;
  /** What the driver says that its engine cannot do; the suite checks that it says so, and that it is so. */
  readonly capabilities?: Partial<QueueCapabilities>;
  /** Given for an engine that has a clock of its own: a lease that is short, yet long for a few calls. The suite then really waits. */
  readonly realLeaseMs?: number;
}

/** A job with defaults for what a test does not care about. */
export function newJob(id: string, members: Partial<NewJob> = {}): NewJob {
  return { id, handler: "Work", head: "{}", body: Buffer.from(id), ...members };
}

const ids = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
const sorted = (texts: readonly string[]) => [...texts].sort();
const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });
const dead = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "dead", reason: "it failed" });

/** Checks every promise of the queue contract against a driver; of what its capabilities deny, that it says so. */
export function describeQueue(name: string, { open, cleanUp, capabilities = {}, realLeaseMs }: QueueUnderTest): void {
  const can = capabilitiesOf({ capabilities });
  const isReal = realLeaseMs !== undefined;
  const leaseMs = realLeaseMs ?? 60_000;
  /** Time during which nothing happens to be expected on a real clock: a good deal less than a lease. */
  const shortMs = leaseMs / 4;

  describe(name, () => {
    let clock: ControllableClock;
    let queue: Queue;

    beforeEach(async () => {
      clock = controllableClock();
      queue = await open(clock);
    });
    afterEach(async () => {
      await queue.close();
      await cleanUp?.();
    });

    /** Lets time pass; a little more on a real clock, whose engine may look at it now and then only. */
    const pass = async (ms: number) => (isReal ? delay(ms + leaseMs / 4) : clock.advance(ms));
    const inMs = (ms: number) => new Date((isReal ? Date.now() : clock.now().getTime()) + ms);
    const claim = async (limit = 100, settle: readonly Settlement[] = []) => (await queue.claim({ limit, leaseMs, settle })).jobs;
    /** Claims until so many have come: an engine that pushes may need a moment. */
    const claimAll = async (count: number, batch = 100) => {
      const jobs: LeasedJob[] = [];
      const giveUpAt = performance.now() + 10_000;
      while (jobs.length < count) {
        const claimed = await claim(Math.min(batch, count - jobs.length));
        jobs.push(...claimed);
        if (claimed.length > 0) continue;
        if (!isReal || performance.now() > giveUpAt) throw new Error(`${jobs.length} of ${count} jobs were due`);
        await delay(10);
      }
      return jobs;
    };
    const claimOne = async () => (await claimAll(1))[0]!;
    /** What is handed out when the engine has had the time to. */
    const claimNow = async () => {
      if (isReal) await delay(shortMs);
      return claim();
    };
    const settle = (...settlements: Settlement[]) => queue.claim({ limit: 0, leaseMs, settle: settlements });
    const total = async (state: "open" | "dead" = "open") => (await queue.list({ state, limit: 0 })).total;

    it("states what its engine can do", () => {
      expect(capabilitiesOf(queue)).toEqual({ ...can, engine: capabilitiesOf(queue).engine });
    });

    it("hands out a job as it was sent", async () => {
      const head = JSON.stringify({ text: "é\u0000\u{1f600}" });
      await queue.send({ id: "a/é\u0000:1", handler: "Work", head: `${head}\u0000`, body: Uint8Array.of(0, 255, 13, 10), group: "github" });
      const job = await claimOne();
      expect(job).toMatchObject({ id: "a/é\u0000:1", handler: "Work", head: `${head}\u0000`, group: "github", attempt: 1, crashes: 0 });
      expect([...job.body]).toEqual([0, 255, 13, 10]);
    });

    it("keeps an empty body", async () => {
      await Promise.all(["a", "b"].map((id) => queue.send(newJob(id, { body: new Uint8Array(), head: "" }))));
      expect((await claimAll(2)).map(({ body, head, group }) => [body.byteLength, head, group])).toEqual([
        [0, "", ""],
        [0, "", ""],
      ]);
    });

    if (can.largestJobBytes >= 1024 * 1024 + 2) {
      it("keeps a body of 1 MiB with any bytes, and does not touch the sender's buffer", async () => {
        const body = anyBytes(1024 * 1024);
        await Promise.all(["a", "b", "c"].map((id) => queue.send(newJob(id, { body }))));
        const jobs = await claimAll(3);
        expect(jobs.every((job) => Buffer.compare(job.body, body) === 0)).toBe(true);
        expect(body.byteLength).toBe(1024 * 1024);
      });
    } else {
      it("keeps a job of the largest size with any bytes, and refuses one that is larger", async () => {
        const body = anyBytes(can.largestJobBytes - 2);
        await queue.send(newJob("a", { body, head: "{}" }));
        expect(Buffer.compare((await claimOne()).body, body)).toBe(0);
        const larger = anyBytes(can.largestJobBytes - 1);
        await expect(queue.send(newJob("b", { body: larger, head: "{}" }))).rejects.toMatchObject({ code: "unsupported" });
        expect(await claimNow()).toEqual([]);
      });
    }

    it("keeps a body that is a view of a larger buffer", async () => {
      const pool = Buffer.from("before|inside|after");
      await queue.send(newJob("a", { body: pool.subarray(7, 13) }));
      expect(Buffer.from((await claimOne()).body).toString()).toBe("inside");
      expect(pool.toString()).toBe("before|inside|after");
    });

    if (can.uniqueIds) {
      it("ignores a second job with the id of a stored one", async () => {
        await queue.send(newJob("a", { head: "first" }));
        await Promise.all([queue.send(newJob("a", { head: "second" })), queue.send(newJob("a", { head: "third" }))]);
        const job = await claimOne();
        expect(job.head).toBe("first");
        await queue.send(newJob("a", { head: "fourth" }));
        expect(await claimNow()).toEqual([]);
        await settle(acknowledge(job));
        expect(await claimNow()).toEqual([]);
      });
    }

    it("takes an id again once its job is gone, under a lease of its own", async () => {
      await queue.send(newJob("a"));
      const first = await claimOne();
      await settle(acknowledge(first));
      await queue.send(newJob("a", { head: "again" }));
      const second = await claimOne();
      expect(second).toMatchObject({ head: "again", attempt: 1 });
      expect((await settle(acknowledge(first))).lost).toHaveLength(1);
      expect((await settle(acknowledge(second))).lost).toEqual([]);
    });

    if (can.strictOrder) {
      it("hands out due jobs by due time, then in the order they were sent", async () => {
        const dueAt = inMs(-10_000);
        for (const [id, due] of [
          ["c", inMs(-5_000)],
          ["d", inMs(-4_000)],
          ["a", dueAt],
          ["e", undefined],
          ["b", dueAt],
        ] as const) {
          await queue.send(newJob(id, due ? { dueAt: due } : {}));
        }
        expect(ids(await claim(2))).toEqual(["a", "b"]);
        expect(ids(await claim(2))).toEqual(["c", "d"]);
        expect(ids(await claim(2))).toEqual(["e"]);
      });
    }

    it("hands out delayed jobs in the order of their due times", async () => {
      await queue.send(newJob("later", { dueAt: inMs(3 * leaseMs) }));
      await queue.send(newJob("sooner", { dueAt: inMs(leaseMs) }));
      expect(await claimNow()).toEqual([]);
      await pass(leaseMs);
      expect(ids(await claimAll(1))).toEqual(["sooner"]);
      await pass(2 * leaseMs);
      expect(ids(await claimNow()).filter((id) => id === "later")).toEqual(["later"]);
    });

    if (!isReal) {
      it("keeps a job until its due time to the millisecond, and tells when that is", async () => {
        await queue.send(newJob("a", { dueAt: inMs(5_000) }));
        expect(await queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [], nextDueAt: inMs(5_000) });
        await clock.advance(4_999);
        expect(await claim()).toEqual([]);
        await clock.advance(1);
        expect(ids(await claim())).toEqual(["a"]);
      });
    }

    if (Number.isFinite(can.longestDelayMs)) {
      it("refuses a delay that is longer than its engine can wait", async () => {
        const dueAt = inMs(can.longestDelayMs + 60_000);
        await expect(queue.send(newJob("a", { dueAt }))).rejects.toMatchObject({ code: "unsupported" });
        await queue.send(newJob("b"));
        const { id, lease } = await claimOne();
        const [lost] = (await settle({ id, lease, outcome: "retry", dueAt, reason: "as late as possible" })).lost;
        expect(lost).toBeUndefined();
        expect(await claimNow()).toEqual([]);
      });
    }

    it("tells no next due time when it is empty", async () => {
      expect(await queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [] });
    });

    it("hands out no job twice while its lease lasts", async () => {
      await queue.send(newJob("a"));
      await claimOne();
      expect(await claimNow()).toEqual([]);
      if (isReal) return;
      await clock.advance(leaseMs - 1);
      expect(await claim()).toEqual([]);
    });

    it("hands a job out again when its lease has run out, with another lease and the next attempt, and counts the crash", async () => {
      await queue.send(newJob("a"));
      const first = await claimOne();
      await pass(leaseMs);
      const second = await claimOne();
      expect(second).toMatchObject({ attempt: 2, crashes: 1 });
      expect(second.lease).not.toBe(first.lease);
      await pass(leaseMs);
      const third = await claimOne();
      expect(third).toMatchObject({ attempt: 3, crashes: 2 });
      await settle({ id: "a", lease: third.lease, outcome: "release" });
      const fourth = await claimOne();
      expect(fourth).toMatchObject({ attempt: 3, crashes: 2 });
      await settle({ id: "a", lease: fourth.lease, outcome: "retry", dueAt: inMs(0), reason: "it threw" });
      expect(await claimOne()).toMatchObject({ attempt: 4, crashes: 0 });
    });

    it("refuses the late acknowledgement of a worker whose lease has passed on", async () => {
      await queue.send(newJob("a"));
      const late = await claimOne();
      await pass(leaseMs);
      const current = await claimOne();
      expect((await settle(acknowledge(late))).lost).toMatchObject([{ id: "a", lease: late.lease }]);
      expect(await queue.renew([late, current], leaseMs)).toMatchObject([{ lease: late.lease }]);
      expect((await settle(acknowledge(current))).lost).toEqual([]);
      expect(await claimNow()).toEqual([]);
    });

    it("refuses a second settlement under one lease", async () => {
      await queue.send(newJob("a"));
      const job = await claimOne();
      await settle({ id: "a", lease: job.lease, outcome: "retry", dueAt: inMs(0), reason: "x" });
      expect((await settle(acknowledge(job))).lost).toHaveLength(1);
      expect(await claimOne()).toMatchObject({ id: "a", attempt: 2 });
    });

    it("refuses a lease that is none", async () => {
      await queue.send(newJob("a"));
      await claimOne();
      const forged = ["", "1", "x.y", "0.0"].map((lease) => ({ id: "a", lease, outcome: "acknowledge" }) as const);
      expect((await settle(...forged)).lost).toHaveLength(4);
      expect(await queue.renew([{ id: "a", lease: "1.1" }], leaseMs)).toHaveLength(1);
    });

    it("extends a lease", async () => {
      await queue.send(newJob("a"));
      const job = await claimOne();
      for (let time = 0; time < 3; time++) {
        await (isReal ? delay(leaseMs / 2) : clock.advance(leaseMs / 2));
        expect(await queue.renew([job], leaseMs)).toEqual([]);
        expect(await claim()).toEqual([]);
      }
      await pass(leaseMs);
      expect(ids(await claimAll(1))).toEqual(["a"]);
    });

    it("settles and claims in one call", async () => {
      await queue.send(newJob("a"));
      const job = await claimOne();
      await queue.send(newJob("b"));
      if (isReal) await delay(shortMs);
      expect(ids(await claim(10, [acknowledge(job)]))).toEqual(["b"]);
      await pass(leaseMs);
      expect(ids(await claimAll(1))).toEqual(["b"]);
    });

    it("makes a job due again at the time that a retry asks for", async () => {
      await queue.send(newJob("a"));
      const job = await claimOne();
      await settle({ id: "a", lease: job.lease, outcome: "retry", dueAt: inMs(2 * leaseMs), reason: "timeout" });
      expect(await claimNow()).toEqual([]);
      await pass(2 * leaseMs);
      expect(await claimOne()).toMatchObject({ id: "a", attempt: 2, head: "{}", group: "" });
    });

    it("gives the attempt back when a job is released", async () => {
      await queue.send(newJob("a"));
      const { id, lease } = await claimOne();
      expect((await settle({ id, lease, outcome: "release" })).lost).toEqual([]);
      const again = await claimOne();
      expect(again).toMatchObject({ attempt: 1, crashes: 0 });
      expect(again.lease).not.toBe(lease);
    });

    it("keeps a released job back until the time that it is given", async () => {
      await queue.send(newJob("a"));
      const { id, lease } = await claimOne();
      await settle({ id, lease, outcome: "release", dueAt: inMs(2 * leaseMs) });
      expect(await claimNow()).toEqual([]);
      await pass(2 * leaseMs);
      expect(await claimOne()).toMatchObject({ attempt: 1 });
    });

    if (can.lists) {
      it("lists what is still to be done, with why it failed last", async () => {
        await queue.send(newJob("a", { group: "github" }));
        const job = await claimOne();
        const dueAt = inMs(90_000);
        await settle({ id: "a", lease: job.lease, outcome: "retry", dueAt, reason: "timeout" });
        const [listed] = (await queue.list({ state: "open" })).jobs;
        expect(listed).toMatchObject({ id: "a", handler: "Work", head: "{}", group: "github", attempts: 1, reason: "timeout" });
        expect(Math.abs((listed?.dueAt.getTime() ?? 0) - dueAt.getTime())).toBeLessThan(isReal ? 1_000 : 1);
        expect(Buffer.from(listed?.body ?? []).toString()).toBe("a");
      });

      it("lists in pages, oldest first", async () => {
        for (const id of ["a", "b", "c", "d", "e"]) await queue.send(newJob(id));
        const first = await queue.list({ state: "open", limit: 2 });
        const second = await queue.list({ state: "open", limit: 2, after: first.next! });
        const third = await queue.list({ state: "open", limit: 2, after: second.next! });
        expect([first, second, third].map(({ jobs }) => ids(jobs))).toEqual([["a", "b"], ["c", "d"], ["e"]]);
        expect([first.total, third.next]).toEqual([5, undefined]);
        expect(await queue.list({ state: "open", limit: 0 })).toEqual({ jobs: [], total: 5 });
      });
    } else {
      it("says that it cannot list what is still to be done", async () => {
        await expect(queue.list({ state: "open", limit: 1 })).rejects.toMatchObject({ code: "unsupported" });
      });
    }

    if (can.counts === "none") {
      it("says that it cannot count", async () => {
        await expect(total()).rejects.toMatchObject({ code: "unsupported" });
      });
    } else {
      it("counts what is still to be done, leased or not", async () => {
        for (const id of ["a", "b", "c"]) await queue.send(newJob(id));
        const [job] = await claimAll(1);
        expect(await total()).toBe(3);
        await settle(acknowledge(job!));
        for (let tries = 0; (await total()) !== 2 && tries < 100; tries++) await delay(isReal ? 20 : 0);
        expect(await total()).toBe(2);
      });
    }

    if (can.deadLetters) {
      it("keeps a dead letter with its reason, and hands it out no more", async () => {
        await queue.send(newJob("a", { head: "head", body: Buffer.from("body"), group: "github" }));
        const before = inMs(0).getTime();
        await settle(dead(await claimOne()));
        await pass(2 * leaseMs);
        expect(await queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [] });
        const { jobs, total: count } = await queue.list({ state: "dead" });
        expect(count).toBe(1);
        expect(jobs).toMatchObject([{ id: "a", head: "head", group: "github", attempts: 1, reason: "it failed" }]);
        expect(Math.abs((jobs[0]?.deadAt?.getTime() ?? 0) - before)).toBeLessThan(isReal ? 1_000 : 1);
        expect(Buffer.from(jobs[0]!.body).toString()).toBe("body");
        expect(await total()).toBe(0);
      });

      it("makes a dead letter due with its id and a fresh count of attempts", async () => {
        await queue.send(newJob("a", { group: "github" }));
        const first = await claimOne();
        await settle(dead(first));
        expect(await queue.retry(["a", "a", "unknown"])).toBe(1);
        const again = await claimOne();
        expect(again).toMatchObject({ id: "a", group: "github", attempt: 1, crashes: 0 });
        expect(again.lease).not.toBe(first.lease);
      });

      it("retries and purges dead letters only, some or all", async () => {
        for (const id of ["a", "b", "c", "d"]) await queue.send(newJob(id));
        const jobs = await claimAll(4);
        await settle(...jobs.filter(({ id }) => id !== "d").map(dead));
        expect(await queue.retry(["a", "d"])).toBe(1);
        expect(await queue.purge(["b", "d"])).toBe(1);
        expect(await queue.purge("all")).toBe(1);
        expect(await queue.retry("all")).toBe(0);
        expect([await total(), await total("dead")]).toEqual([2, 0]);
      });

      it("lists dead letters in pages, oldest first", async () => {
        for (const id of ["a", "b", "c"]) {
          await queue.send(newJob(id));
          await settle(dead(await claimOne()));
          if (isReal) await delay(2); // engines that order by time go by milliseconds
        }
        const first = await queue.list({ state: "dead", limit: 2 });
        const second = await queue.list({ state: "dead", limit: 2, after: first.next! });
        expect([first, second].map(({ jobs }) => ids(jobs))).toEqual([["a", "b"], ["c"]]);
        expect([first.total, second.next]).toEqual([3, undefined]);
      });
    } else {
      it("says that it keeps no dead letters", async () => {
        await expect(queue.list({ state: "dead" })).rejects.toMatchObject({ code: "unsupported" });
        await expect(queue.retry("all")).rejects.toMatchObject({ code: "unsupported" });
        await expect(queue.purge(["a"])).rejects.toMatchObject({ code: "unsupported" });
      });

      it("does not lose a job that is to become a dead letter", async () => {
        await queue.send(newJob("a"));
        await expect(settle(dead(await claimOne()))).rejects.toMatchObject({ code: "unsupported" });
        await pass(leaseMs);
        expect(ids(await claimAll(1))).toEqual(["a"]);
      });
    }

    if (can.ordering) describeOrdering();
    else {
      it("refuses a job with an ordering key, which it could not keep", async () => {
        const ordering = { key: "k", afterDead: "continue" } as const;
        await expect(queue.send(newJob("a", { ordering }))).rejects.toMatchObject({ code: "unsupported" });
        expect(await claimNow()).toEqual([]);
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
          await queue.send(newJob(id, group ? { group } : {}));
        expect(ids((await queue.claim({ limit: 10, leaseMs, except: ["slow"] })).jobs)).toEqual(["b", "d"]);
        expect(ids((await queue.claim({ limit: 10, leaseMs, except: ["other"] })).jobs)).toEqual(["a", "c"]);
      });
    }

    it("hands each of 1,200 jobs to one of several workers", async () => {
      const all = Array.from({ length: 1_200 }, (_, index) => `job-${index}`);
      await Promise.all(all.map((id) => queue.send(newJob(id))));
      const seen: string[] = [];
      const longLease = isReal ? 60_000 : leaseMs;
      const work = async () => {
        let settling: readonly Settlement[] = [];
        for (let idle = 0; idle < (isReal ? 20 : 1); ) {
          const { jobs } = await queue.claim({ limit: 7, leaseMs: longLease, settle: settling });
          settling = jobs.map(acknowledge);
          seen.push(...ids(jobs));
          idle = jobs.length > 0 || seen.length < all.length ? 0 : idle + 1;
          if (jobs.length === 0) await delay(isReal ? 5 : 0);
        }
      };
      await Promise.all([work(), work(), work(), work(), work()]);
      expect(seen).toHaveLength(1_200);
      expect(new Set(seen)).toEqual(new Set(all));
      if (can.counts !== "none") expect(await total()).toBe(0);
    });

    it("calls back when a job may have become due, until it is told to stop", async () => {
      let calls = 0;
      const stop = queue.watch(() => calls++);
      await queue.send(newJob("a"));
      for (let tries = 0; calls === 0 && tries < 500; tries++) await delay(isReal ? 10 : 0);
      expect(calls).toBeGreaterThan(0);
      const job = await claimOne();
      await settle(acknowledge(job));
      stop();
      if (isReal) await delay(shortMs);
      calls = 0;
      await queue.send(newJob("b"));
      await claimOne();
      expect(calls).toBe(0);
    });

    it("finishes what is under way before it closes", async () => {
      const sends = Promise.allSettled(["a", "b", "c"].map((id) => queue.send(newJob(id))));
      await queue.close();
      expect((await sends).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    });

    it("rejects every call after close, and may be closed twice", async () => {
      await queue.close();
      await queue.close();
      const calls = [
        queue.send(newJob("a")),
        queue.claim({ limit: 1, leaseMs }),
        queue.renew([], leaseMs),
        ...(can.lists && can.deadLetters ? [queue.list({ state: "open" }), queue.retry("all"), queue.purge("all")] : []),
      ];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: "closed" });
    });

    function describeOrdering(): void {
      const keyed = (id: string, key = "k", afterDead: "continue" | "wait" = "continue") => newJob(id, { ordering: { key, afterDead } });

      it("hands out jobs of one key one at a time, in the order they were sent, and does not hold up others", async () => {
        for (const job of [keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"), newJob("c"), keyed("a3", "a")]) await queue.send(job);
        const jobs = await claim();
        expect(ids(jobs)).toEqual(["a1", "b1", "c"]);
        expect(await claim()).toEqual([]);
        expect(ids(await claim(10, [acknowledge(jobs[0]!)]))).toEqual(["a2"]);
        expect(await claim()).toEqual([]);
      });

      it("lets those of a key wait while the first is tried again, held back or lost by its worker", async () => {
        await queue.send(keyed("a"));
        await queue.send(keyed("b"));
        const first = await claimOne();
        await settle({ ...first, outcome: "retry", dueAt: inMs(2 * leaseMs), reason: "x" });
        expect(await claimNow()).toEqual([]);
        await pass(2 * leaseMs);
        expect(ids(await claim())).toEqual(["a"]);
        await pass(leaseMs);
        const again = await claim();
        expect(ids(again)).toEqual(["a"]);
        expect(ids(await claim(10, [acknowledge(again[0]!)]))).toEqual(["b"]);
      });

      it("goes on after a dead letter, where that is the policy", async () => {
        await queue.send(keyed("a"));
        await queue.send(keyed("b"));
        await settle(dead(await claimOne()));
        expect(ids(await claimAll(1))).toEqual(["b"]);
      });

      it("waits behind a dead letter, where that is the policy, until it is retried and done, or purged", async () => {
        for (const id of ["a", "b", "c"]) await queue.send(keyed(id, "k", "wait"));
        await settle(dead(await claimOne()));
        expect(await claimNow()).toEqual([]);
        await queue.retry("all");
        const again = await claimOne();
        expect(again.id).toBe("a");
        await settle(acknowledge(again));
        const second = await claimOne();
        expect(second.id).toBe("b");
        await settle(dead(second));
        expect(await claimNow()).toEqual([]);
        await queue.purge(["b"]);
        expect(ids(await claimAll(1))).toEqual(["c"]);
      });

      it("keeps the order of each of many keys under several workers", async () => {
        const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
        for (let turn = 0; turn < 10; turn++) await Promise.all(keys.map((key) => queue.send(keyed(`${key}/${turn}`, key))));
        const seen = new Map<string, string[]>();
        let count = 0;
        const running = new Set<string>();
        const work = async () => {
          while (count < 200) {
            for (const job of await claim(5)) {
              const key = job.id.split("/")[0] ?? "";
              expect(running.has(key)).toBe(false);
              running.add(key);
              seen.set(key, [...(seen.get(key) ?? []), job.id]);
              await delay(0);
              running.delete(key);
              await settle(acknowledge(job));
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
  });
}

function anyBytes(length: number): Buffer {
  return Buffer.alloc(
    length,
    Uint8Array.from({ length: 256 }, (_, index) => index),
  );
}
