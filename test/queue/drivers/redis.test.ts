import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Queue as BullQueue } from "bullmq";
import { Redis } from "ioredis";
import { redisQueue } from "../../../src/queue/drivers/redis.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { describeWith, isServiceThere, serviceUrl } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { describeQueue, newJob } from "../conformance.ts";

const isThere = await isServiceThere("redis");
const url = serviceUrl("redis");
const leaseMs = 60_000;

describeWith("Redis", isThere, "the Redis queue", () => {
  let redis: Redis;
  let name: string;

  beforeEach(() => {
    redis ??= new Redis(url);
    name = `test-${randomUUID()}`;
  });
  afterAll(async () => void (await redis?.quit()));

  async function removeKeys(): Promise<void> {
    const keys = await redis.keys(`bull:${name}:*`);
    if (keys.length > 0) await redis.del(keys);
  }

  async function connectionIds(): Promise<string[]> {
    const list = String(await redis.client("LIST"));
    const ours = list.split("\n").filter((line) => line.includes(`name=hookwright:${name} `));
    return ours.map((line) => /\bid=(\d+)/.exec(line)?.[1] ?? "");
  }

  describeQueue("as a queue", {
    open: async () => redisQueue({ connection: url, name }),
    cleanUp: removeKeys,
    capabilities: { strictOrder: false, ordering: false, exceptions: false },
    realLeaseMs: 600,
  });

  describe("over BullMQ", () => {
    let queue: Queue;
    let bull: BullQueue;

    beforeEach(() => {
      queue = redisQueue({ connection: url, name });
      bull = new BullQueue(name, { connection: redis as never });
    });
    afterEach(async () => {
      await Promise.all([queue.close(), bull.close()]);
      await removeKeys();
    });

    const claim = async (limit = 100) => (await queue.claim({ limit, leaseMs })).jobs;
    const settle = (...settlements: readonly Settlement[]) => queue.claim({ limit: 0, leaseMs, settle: settlements });
    const dead = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "dead", reason: "it failed" });
    const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });
    const retry = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "retry", dueAt: new Date(), reason: "again" });

    it("takes any text as an id, in every call", async () => {
      const ids = ["", "0", "17", "a:b", "a:b:c", "meta", "wait", "~0041", "job-x", "é/\u{1f600} %?", "\ud800", "x".repeat(2_000)];
      for (const id of ids) await queue.send(newJob(id));
      expect((await queue.list({ state: "open" })).jobs.map(({ id }) => id)).toEqual(ids);
      const jobs = await claim();
      expect(jobs.map(({ id }) => id)).toEqual(ids);
      expect(await queue.renew(jobs, leaseMs)).toEqual([]);
      expect((await settle(...jobs.map(dead))).lost).toEqual([]);
      expect(await queue.retry(ids)).toBe(ids.length);
      await settle(...(await claim()).map(dead));
      expect(await queue.purge(ids)).toBe(ids.length);
      expect((await redis.keys(`bull:${name}:job-*`)).length).toBe(0);
    });

    it("hands out what was there first before what was sent later", async () => {
      const ids = Array.from({ length: 30 }, (_, index) => `job-${index}`);
      for (const id of ids) await queue.send(newJob(id));
      const order = [...(await claim(7)), ...(await claim(7)), ...(await claim(100))].map(({ id }) => id);
      expect(order).toEqual(ids);
    });

    it("shows its jobs to BullMQ's tools, with a body that can be read", async () => {
      await queue.send(newJob("waiting", { body: Buffer.from('{"größe":1}'), head: "head", group: "github" }));
      await queue.send(newJob("delayed", { dueAt: new Date(Date.now() + 60_000) }));
      const [job] = await bull.getWaiting();
      expect(job).toMatchObject({ id: "job-waiting", name: "Work", data: { head: "head", body: '{"größe":1}', group: "github" } });
      expect((await bull.getDelayed()).map(({ id }) => id)).toEqual(["job-delayed"]);
      await settle(...(await claim()).map(retry));
      await settle(...(await claim()).map(dead));
      expect(await bull.getJobCounts("waiting", "active", "delayed", "failed", "completed")).toMatchObject({
        failed: 1,
        delayed: 1,
        waiting: 0,
      });
      expect((await bull.getFailed())[0]).toMatchObject({ failedReason: "it failed", attemptsMade: 2 });
      expect((await queue.list({ state: "dead" })).jobs).toMatchObject([{ id: "waiting", attempts: 2 }]);
    });

    it("hands out with fresh counts what a tool of BullMQ retried or promoted", async () => {
      await queue.send(newJob("a"));
      await queue.send(newJob("b", { dueAt: new Date(Date.now() + 60_000) }));
      await settle(...(await claim()).map(retry));
      await settle(...(await claim()).map(dead));
      await (await bull.getJob("job-a"))?.retry();
      await (await bull.getJob("job-b"))?.promote();
      const jobs = await claim();
      expect(jobs.map(({ id, attempt, crashes }) => [id, attempt, crashes]).sort()).toEqual([
        ["a", 1, 0],
        ["b", 1, 0],
      ]);
      await settle(...jobs.map(dead));
      expect((await queue.list({ state: "dead" })).jobs.map(({ attempts }) => attempts)).toEqual([1, 1]);
    });

    it("hands out nothing while a tool of BullMQ has paused the queue", async () => {
      await bull.pause();
      await queue.send(newJob("a"));
      expect(await claim()).toEqual([]);
      await bull.resume();
      expect(await claim()).toHaveLength(1);
    });

    it("puts a job that it did not send among the dead letters, and goes on", async () => {
      await bull.add("foreign", { any: "thing" });
      await queue.send(newJob("a"));
      expect((await claim()).map(({ id }) => id)).toEqual(["a"]);
      const { jobs, total } = await queue.list({ state: "dead" });
      expect(total).toBe(1);
      expect(jobs).toMatchObject([{ handler: "foreign", head: "", reason: "Not sent by Hookwright." }]);
      expect(await queue.purge("all")).toBe(1);
    });

    it("leaves nothing of an acknowledged job", async () => {
      await queue.send(newJob("a"));
      await settle(...(await claim()).map(acknowledge));
      expect(await bull.getJobCounts("completed")).toEqual({ completed: 0 });
      expect(await redis.keys(`bull:${name}:job-a*`)).toEqual([]);
    });

    it("purges no job that is still to be done", async () => {
      await queue.send(newJob("waiting"));
      await queue.send(newJob("delayed", { dueAt: new Date(Date.now() + 60_000) }));
      expect(await queue.purge(["waiting", "delayed"])).toBe(0);
      expect(await queue.purge("all")).toBe(0);
      expect((await queue.list({ state: "open" })).total).toBe(2);
    });

    it("retries and purges more dead letters than fit into one call, and lists them without a gap", async () => {
      const ids = Array.from({ length: 1_050 }, (_, index) => `job-${index}`);
      await Promise.all(ids.map((id) => queue.send(newJob(id))));
      await settle(...(await claim(2_000)).map(dead));
      const seen: string[] = [];
      for (let after: string | undefined, isLast = false; !isLast; isLast = after === undefined) {
        const page = await queue.list({ state: "dead", limit: 400, ...(after === undefined ? {} : { after }) });
        seen.push(...page.jobs.map(({ id }) => id));
        after = page.next;
      }
      expect([...seen].sort()).toEqual([...ids].sort());
      expect(await queue.retry("all")).toBe(1_050);
      await settle(...(await claim(2_000)).map(dead));
      expect(await queue.purge("all")).toBe(1_050);
    });

    it("lists what is held, what waits and what is delayed, in pages", async () => {
      await queue.send(newJob("held"));
      await claim(1);
      for (const id of ["first", "second"]) await queue.send(newJob(id));
      for (const [id, ms] of [["late", 90_000], ["soon", 60_000]] as const) await queue.send(newJob(id, { dueAt: new Date(Date.now() + ms) })); // biome-ignore format: a table
      const ids: string[] = [];
      for (let after: string | undefined, isLast = false; !isLast; isLast = after === undefined) {
        const page = await queue.list({ state: "open", limit: 1, ...(after === undefined ? {} : { after }) });
        expect(page.total).toBe(5);
        ids.push(...page.jobs.map(({ id }) => id));
        after = page.next;
      }
      expect(ids).toEqual(["held", "first", "second", "soon", "late"]);
    });

    it("goes on with a list whose last job has been taken meanwhile", async () => {
      for (const id of ["a", "b", "c"]) await queue.send(newJob(id));
      const { next = "" } = await queue.list({ state: "open", limit: 1 });
      await settle(...(await claim(1)).map(acknowledge));
      expect((await queue.list({ state: "open", after: next })).jobs.map(({ id }) => id)).toEqual(["b", "c"]);
      expect((await queue.list({ state: "open", after: "no cursor" })).jobs).toHaveLength(2);
    });

    it("tells one watching process of a job that another sent, and the next once that one is busy", async () => {
      const other = redisQueue({ connection: url, name });
      const third = redisQueue({ connection: url, name });
      let calls = 0;
      let thirdCalls = 0;
      other.watch(() => calls++);
      await other.claim({ limit: 10, leaseMs });
      await until(async () => (await connectionIds()).length >= 2);
      await queue.send(newJob("a"));
      await until(() => calls > 0);
      expect((await other.claim({ limit: 1, leaseMs })).jobs).toHaveLength(1);
      third.watch(() => thirdCalls++);
      await until(() => thirdCalls > 0); // the claim put the marker back
      await third.claim({ limit: 10, leaseMs });
      thirdCalls = 0;
      await queue.send(newJob("b"));
      await until(() => thirdCalls > 0);
      await Promise.all([other.close(), third.close()]);
    });

    it("works again after its connections have been cut, and still learns of jobs", async () => {
      let calls = 0;
      queue.watch(() => calls++);
      await queue.send(newJob("a"));
      await until(async () => (await connectionIds()).length === 2);
      for (const id of await connectionIds()) await redis.client("KILL", "ID", id);
      const sends = await Promise.allSettled(["b", "c"].map((id) => queue.send(newJob(id))));
      for (const sent of sends) if (sent.status === "rejected") expect(sent.reason).toMatchObject({ code: "queue_unavailable" });
      await queue.send(newJob("d"));
      await until(async () => (await connectionIds()).length === 2);
      await settle(...(await claim()).map(acknowledge));
      await claim();
      calls = 0;
      await bull.add("from outside", {});
      await until(() => calls > 0);
    });

    it("leaves no connection after close, and a client that it was given open", async () => {
      const client = new Redis(url);
      const given = redisQueue({ connection: client, name });
      given.watch(() => {});
      await given.send(newJob("a"));
      await until(async () => (await connectionIds()).length === 2);
      await given.close();
      await until(async () => (await connectionIds()).length === 0);
      expect(await client.ping()).toBe("PONG");
      await client.quit();
    });

    it("gives back what it claimed where a settlement fails, and does not call lost what it has settled", async () => {
      for (const id of ["done", "failed", "next"]) await queue.send(newJob(id));
      const [done, failed] = await claim(2);
      await redis.set(`bull:${name}:failed`, "of another type");
      const settlements = [acknowledge(done!), dead(failed!)];
      await expect(queue.claim({ limit: 1, leaseMs, settle: settlements })).rejects.toMatchObject({ code: "queue_unavailable" });
      await redis.del(`bull:${name}:failed`);
      expect((await settle(acknowledge(done!))).lost).toEqual([]);
      expect((await settle(acknowledge(done!))).lost).toHaveLength(1);
      expect(await claim()).toMatchObject([{ id: "next", attempt: 1, crashes: 0 }]);
    });

    it("keeps its keys under the prefix that it is given", async () => {
      const prefixed = redisQueue({ connection: url, name, prefix: `bull:${name}:nested` });
      await prefixed.send(newJob("a"));
      expect((await queue.list({ state: "open" })).total).toBe(0);
      expect(await redis.exists(`bull:${name}:nested:${name}:job-a`)).toBe(1);
      await prefixed.close();
    });
  });
});

describe("redisQueue", () => {
  it("refuses what is no connection or no name, without showing a password", () => {
    const given = [
      { connection: "http://user:hunter2@host" },
      { connection: "hunter2" },
      { connection: {} as never },
      { connection: { duplicate: () => undefined, defineCommand: () => {}, options: { keyPrefix: "x:" } } },
      { connection: { duplicate: () => undefined, defineCommand: () => {}, isCluster: true } },
      { connection: "redis://host", name: "a:b" },
      { connection: "redis://host", name: "" },
    ];
    for (const options of given) {
      const attempt = () => redisQueue(options);
      expect(attempt).toThrow(expect.objectContaining({ code: "invalid_options" }));
      expect(attempt).not.toThrow(/hunter2/);
    }
  });
});
