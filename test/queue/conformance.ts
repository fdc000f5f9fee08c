import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { LeasedJob, NewJob, Queue, Settlement } from "../../src/queue/queue.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";

/** What the suite needs to know of a driver: how to make a fresh, empty queue on a clock. */
export interface QueueUnderTest {
  open(clock: ControllableClock): Promise<Queue>;
  /** Removes what `open` left; called after the queue has been closed. */
  cleanUp?(): Promise<void>;
}

/** A job with defaults for what a test does not care about. */
export function newJob(id: string, members: Partial<NewJob> = {}): NewJob {
  return { id, handler: "Work", head: "{}", body: Buffer.from(id), ...members };
}

const leaseMs = 60_000;
const ids = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });
const dead = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "dead", reason: "it failed" });

/** Checks every promise of the queue contract against a driver. */
export function describeQueue(name: string, { open, cleanUp }: QueueUnderTest): void {
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

    const claim = async (limit = 100, settle: readonly Settlement[] = []) => (await queue.claim({ limit, leaseMs, settle })).jobs;
    const claimOne = async () => {
      const [job] = await claim(1);
      if (!job) throw new Error("no job was due");
      return job;
    };
    const settle = (...settlements: Settlement[]) => queue.claim({ limit: 0, leaseMs, settle: settlements });
    const inMs = (ms: number) => new Date(clock.now().getTime() + ms);

    it("hands out a job as it was sent", async () => {
      const head = JSON.stringify({ text: "é\u0000\u{1f600}" });
      await queue.send({ id: "a/é\u0000:1", handler: "Work", head: `${head}\u0000`, body: Uint8Array.of(0, 255, 13, 10) });
      const job = await claimOne();
      expect(job).toMatchObject({ id: "a/é\u0000:1", handler: "Work", head: `${head}\u0000`, attempt: 1 });
      expect([...job.body]).toEqual([0, 255, 13, 10]);
    });

    it("keeps an empty body", async () => {
      await Promise.all(["a", "b"].map((id) => queue.send(newJob(id, { body: new Uint8Array(), head: "" }))));
      expect((await claim()).map(({ body }) => body.byteLength)).toEqual([0, 0]);
    });

    it("keeps a body of 1 MiB with any bytes, and does not touch the sender's buffer", async () => {
      const body = Buffer.alloc(
        1024 * 1024,
        Uint8Array.from({ length: 256 }, (_, index) => index),
      );
      await Promise.all(["a", "b", "c"].map((id) => queue.send(newJob(id, { body }))));
      const jobs = await claim();
      expect(jobs.every((job) => Buffer.compare(job.body, body) === 0)).toBe(true);
      expect(body.byteLength).toBe(1024 * 1024);
    });

    it("keeps a body that is a view of a larger buffer", async () => {
      const pool = Buffer.from("before|inside|after");
      await Promise.all([queue.send(newJob("a", { body: pool.subarray(7, 13) })), queue.send(newJob("b"))]);
      expect(Buffer.from((await claimOne()).body).toString()).toBe("inside");
      expect(pool.toString()).toBe("before|inside|after");
    });

    it("ignores a second job with the id of a stored one", async () => {
      await queue.send(newJob("a", { head: "first" }));
      await Promise.all([queue.send(newJob("a", { head: "second" })), queue.send(newJob("a", { head: "third" }))]);
      expect((await claim()).map(({ head }) => head)).toEqual(["first"]);
      await queue.send(newJob("a", { head: "fourth" }));
      expect((await queue.list({ state: "open" })).total).toBe(1);
    });

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

    it("hands out due jobs by due time, then in the order they were sent", async () => {
      const dueAt = inMs(-1000);
      for (const [id, due] of [
        ["c", inMs(-10)],
        ["d", inMs(-10)],
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

    it("keeps a job until its due time, and tells when that is", async () => {
      await queue.send(newJob("a", { dueAt: inMs(5_000) }));
      expect(await queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [], nextDueAt: inMs(5_000) });
      await clock.advance(4_999);
      expect(await claim()).toEqual([]);
      await clock.advance(1);
      expect(ids(await claim())).toEqual(["a"]);
    });

    it("tells no next due time when it is empty", async () => {
      expect(await queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [] });
    });

    it("hands out no job twice while its lease lasts", async () => {
      await queue.send(newJob("a"));
      await claimOne();
      await clock.advance(leaseMs - 1);
      expect(await claim()).toEqual([]);
    });

    it("hands a job out again when its lease has run out, with another lease and the next attempt", async () => {
      await queue.send(newJob("a"));
      const first = await claimOne();
      await clock.advance(leaseMs);
      const second = await claimOne();
      expect(second.attempt).toBe(2);
      expect(second.lease).not.toBe(first.lease);
    });

    it("refuses the late acknowledgement of a worker whose lease has passed on", async () => {
      await queue.send(newJob("a"));
      const late = await claimOne();
      await clock.advance(leaseMs);
      const current = await claimOne();
      expect((await settle(acknowledge(late))).lost).toMatchObject([{ id: "a", lease: late.lease }]);
      expect(await queue.renew([late, current], leaseMs)).toMatchObject([{ lease: late.lease }]);
      expect((await settle(acknowledge(current))).lost).toEqual([]);
      expect((await queue.list({ state: "open" })).total).toBe(0);
    });

    it("refuses a second settlement under one lease", async () => {
      await queue.send(newJob("a"));
      const job = await claimOne();
      await settle({ id: "a", lease: job.lease, outcome: "retry", dueAt: inMs(1000), reason: "x" });
      expect((await settle(acknowledge(job))).lost).toHaveLength(1);
      expect((await queue.list({ state: "open" })).total).toBe(1);
    });

    it("refuses a lease that is none", async () => {
      await queue.send(newJob("a"));
      await claimOne();
      const forged = ["", "1", "x.y", "0.0"].map((lease) => ({ id: "a", lease, outcome: "acknowledge" }) as const);
      expect((await settle(...forged)).lost).toHaveLength(4);
    });

    it("extends a lease", async () => {
      await queue.send(newJob("a"));
      const job = await claimOne();
      await clock.advance(leaseMs - 1);
      expect(await queue.renew([job], leaseMs)).toEqual([]);
      await clock.advance(leaseMs - 1);
      expect(await claim()).toEqual([]);
      await clock.advance(1);
      expect(ids(await claim())).toEqual(["a"]);
    });

    it("settles and claims in one call", async () => {
      await queue.send(newJob("a"));
      const job = await claimOne();
      await queue.send(newJob("b"));
      expect(ids(await claim(10, [acknowledge(job)]))).toEqual(["b"]);
      expect(ids((await queue.list({ state: "open" })).jobs)).toEqual(["b"]);
    });

    it("makes a job due again at the time that a retry asks for, and keeps why", async () => {
      await queue.send(newJob("a"));
      const job = await claimOne();
      await settle({ id: "a", lease: job.lease, outcome: "retry", dueAt: inMs(9_000), reason: "timeout" });
      expect((await queue.list({ state: "open" })).jobs).toMatchObject([{ attempts: 1, reason: "timeout", dueAt: inMs(9_000) }]);
      await clock.advance(9_000);
      expect((await claimOne()).attempt).toBe(2);
    });

    it("gives the attempt back when a job is released", async () => {
      await queue.send(newJob("a"));
      const { id, lease } = await claimOne();
      expect((await settle({ id, lease, outcome: "release" })).lost).toEqual([]);
      const again = await claimOne();
      expect(again.attempt).toBe(1);
      expect(again.lease).not.toBe(lease);
    });

    it("keeps a dead letter with its reason, and hands it out no more", async () => {
      await queue.send(newJob("a", { head: "head", body: Buffer.from("body") }));
      await settle(dead(await claimOne()));
      await clock.advance(10 * leaseMs);
      expect(await queue.claim({ limit: 10, leaseMs })).toEqual({ jobs: [], lost: [] });
      const { jobs, total } = await queue.list({ state: "dead" });
      expect(total).toBe(1);
      expect(jobs).toMatchObject([{ id: "a", head: "head", attempts: 1, reason: "it failed", deadAt: inMs(-10 * leaseMs) }]);
      expect(Buffer.from(jobs[0]!.body).toString()).toBe("body");
    });

    it("makes a dead letter due with its id and a fresh count of attempts", async () => {
      await queue.send(newJob("a"));
      const first = await claimOne();
      await settle(dead(first));
      expect(await queue.retry(["a", "a", "unknown"])).toBe(1);
      const again = await claimOne();
      expect(again).toMatchObject({ id: "a", attempt: 1 });
      expect(again.lease).not.toBe(first.lease);
    });

    it("retries and purges dead letters only, some or all", async () => {
      for (const id of ["a", "b", "c", "d"]) await queue.send(newJob(id));
      const jobs = await claim();
      await settle(...jobs.slice(0, 3).map(dead));
      expect(await queue.retry(["a", "d"])).toBe(1);
      expect(await queue.purge(["b", "d"])).toBe(1);
      expect(await queue.purge("all")).toBe(1);
      expect(await queue.retry("all")).toBe(0);
      expect(ids((await queue.list({ state: "open" })).jobs)).toEqual(["a", "d"]);
      expect((await queue.list({ state: "dead" })).total).toBe(0);
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

    it("hands each of 1,200 jobs to one of several workers", async () => {
      const all = Array.from({ length: 1_200 }, (_, index) => `job-${index}`);
      await Promise.all(all.map((id) => queue.send(newJob(id))));
      const seen: string[] = [];
      const work = async () => {
        for (let jobs = await claim(7); jobs.length > 0; jobs = await claim(7, jobs.map(acknowledge))) seen.push(...ids(jobs));
      };
      await Promise.all([work(), work(), work(), work(), work()]);
      expect(seen).toHaveLength(1_200);
      expect(new Set(seen)).toEqual(new Set(all));
      expect((await queue.list({ state: "open", limit: 0 })).total).toBe(0);
    });

    it("calls back after a send and a retry, until it is told to stop", async () => {
      let calls = 0;
      const stop = queue.watch(() => calls++);
      await queue.send(newJob("a"));
      expect(calls).toBe(1);
      await settle(dead(await claimOne()));
      await queue.retry("all");
      expect(calls).toBe(2);
      stop();
      await queue.send(newJob("b"));
      expect(calls).toBe(2);
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
        queue.list({ state: "open" }),
        queue.retry("all"),
        queue.purge("all"),
      ];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: "closed" });
    });
  });
}
