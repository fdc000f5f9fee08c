import { afterAll, afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { openPostgres } from "../../../src/postgres/index.ts";
import { type PostgresQueue, postgresQueue } from "../../../src/queue/drivers/postgres.ts";
import type { LeasedJob, Queue } from "../../../src/queue/queue.ts";
import { controllableClock } from "../../../src/testing/clock.ts";
import { dropSchema, newPool, newSchema, urlWith } from "../../postgres/schema.ts";
import { describeWith, isServiceThere } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { describeQueue, newJob } from "../conformance.ts";

const isThere = await isServiceThere("postgres");
const leaseMs = 60_000;
const ids = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
const acknowledge = ({ id, lease }: LeasedJob) => ({ id, lease, outcome: "acknowledge" }) as const;

describeWith("postgres", isThere, "PostgreSQL", () => {
  const pool = newPool();
  let schema: string;

  afterAll(() => pool.end());

  describeQueue("the PostgreSQL queue", {
    open: async () => {
      schema = newSchema();
      return postgresQueue({ connection: urlWith({}), schema });
    },
    cleanUp: () => dropSchema(pool, schema),
    realLeaseMs: 600,
  });

  describe("the PostgreSQL queue", () => {
    let queue: PostgresQueue;
    /** As another process has it: with connections of its own. */
    let elsewhere: PostgresQueue;

    beforeEach(() => {
      schema = newSchema();
      queue = postgresQueue({ connection: urlWith({ application_name: schema }), schema });
      elsewhere = postgresQueue({ connection: urlWith({ application_name: `${schema}-2` }), schema });
    });
    afterEach(async () => {
      await Promise.all([queue.close(), elsewhere.close()]);
      await dropSchema(pool, schema);
    });

    const claimAll = async (from: Queue = queue) => (await from.claim({ limit: 1_000, leaseMs })).jobs;
    const rows = async (sql: string) => (await pool.query(sql.replaceAll("{schema}", `"${schema}"`))).rows;

    it("stores the others of a group in which the server refuses one", async () => {
      const sends = [newJob("a"), newJob("b", { dueAt: new Date(Number.NaN) }), newJob("c")].map((job) => queue.send(job));
      const results = await Promise.allSettled(sends);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(results[1]).toMatchObject({ reason: { code: "queue_unavailable" } });
      expect(ids(await claimAll())).toEqual(["a", "c"]);
    });

    it("stores the others of a group in which one is not a job", async () => {
      const faulty = [newJob("b", { handler: 1 as never }), newJob("c", { body: null as never })];
      const sends = [newJob("a"), ...faulty, newJob("d")].map((job) => queue.send(job));
      expect((await Promise.allSettled(sends)).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    });

    it("stores groups that have ids in common, in whatever order they come", async () => {
      await queue.send(newJob("warm"));
      await elsewhere.send(newJob("warm"));
      const all = Array.from({ length: 300 }, (_, index) => `job-${index}`);
      for (let round = 0; round < 5; round++) {
        const one = all.map((id) => queue.send(newJob(`${round}/${id}`)));
        const other = all.toReversed().map((id) => elsewhere.send(newJob(`${round}/${id}`)));
        await Promise.all([...one, ...other]);
      }
      expect((await queue.list({ state: "open", limit: 0 })).total).toBe(1_501);
    }, 20_000);

    it("goes by the server's clock, whatever this process's shows and does", async () => {
      const clock = controllableClock(); // years away from the server's
      const ours = postgresQueue({ connection: urlWith({ application_name: schema }), schema, clock });
      const inMs = (ms: number) => new Date(clock.now().getTime() + ms);
      await ours.send(newJob("a", { dueAt: inMs(0) }));
      clock.jump(24 * 3_600_000);
      await ours.send(newJob("b", { dueAt: inMs(0) }));
      clock.jump(-48 * 3_600_000);
      await ours.send(newJob("c", { dueAt: inMs(0) }));
      await ours.send(newJob("d", { dueAt: inMs(3_600_000) }));
      const { jobs, nextDueAt } = await ours.claim({ limit: 10, leaseMs: 2 * 3_600_000 });
      expect(ids(jobs)).toEqual(["a", "b", "c"]);
      expect(Math.abs((nextDueAt?.getTime() ?? 0) - inMs(3_600_000).getTime())).toBeLessThan(60_000);
      await ours.close();
    });

    it("stores one job for each id of a group, and any text", async () => {
      const strange = "\u0000\u0010\\0000{\",'\ud800 \u{1f600}";
      const long = "x".repeat(10_000);
      await Promise.all([
        ...[strange, strange, "b", "b", long, `${long}y`].map((id) => queue.send(newJob(id, { handler: strange, group: strange }))),
      ]);
      const jobs = await claimAll();
      expect(ids(jobs)).toEqual([strange, "b", long, `${long}y`]);
      expect(jobs[0]).toMatchObject({ handler: strange, group: strange });
      const settle = jobs.map(({ id, lease }) => ({ id, lease, outcome: "dead", reason: strange }) as const);
      await queue.claim({ limit: 0, leaseMs, settle });
      expect((await queue.list({ state: "dead" })).jobs[0]?.reason).toBe(strange);
      expect(await queue.purge([strange, long])).toBe(2);
    });

    it("stores more than one group takes, in the order in which they were sent", async () => {
      const all = Array.from({ length: 1_500 }, (_, index) => `job-${index}`);
      const bodies = all.map((_, index) => Buffer.alloc(index % 500 === 0 ? 3_000_000 : 10));
      for (const [index, id] of all.entries()) void queue.send(newJob(id, { body: bodies[index]! }));
      await queue.send(newJob("last"));
      await until(async () => (await queue.list({ state: "open", limit: 0 })).total === 1_501);
      expect(new Set(ids((await queue.claim({ limit: 2_000, leaseMs })).jobs))).toEqual(new Set([...all, "last"]));
    });

    it("stores jobs in a transaction of the caller's, if and when that commits", async () => {
      const client = await pool.connect();
      let calls = 0;
      await queue.send(newJob("first"));
      const stop = elsewhere.watch(() => calls++);
      await until(() => calls > 0);
      await elsewhere.claim({ limit: 1, leaseMs });
      await client.query("BEGIN");
      await queue.sendWithin(client, [newJob("a", { head: "\u0000" }), newJob("b", { ordering: { key: "k", afterDead: "wait" } })]);
      expect(await claimAll()).toEqual([]);
      await client.query("ROLLBACK");
      expect(await claimAll()).toEqual([]);
      await client.query("BEGIN");
      await queue.sendWithin(client, newJob("c"));
      await queue.sendWithin(client, []);
      calls = 0;
      await client.query("COMMIT");
      client.release();
      await until(() => calls > 0);
      expect(ids(await claimAll())).toEqual(["c"]);
      stop();
    });

    it("stores jobs in a serializable transaction, which fails where another has stored one of them meanwhile", async () => {
      await queue.send(newJob("warm"));
      const client = await pool.connect();
      await client.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
      await client.query("SELECT 1");
      await queue.sendWithin(client, [newJob("warm"), newJob("a", { ordering: { key: "k", afterDead: "wait" } })]);
      await client.query("COMMIT; BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT 1");
      await queue.send(newJob("b"));
      await expect(queue.sendWithin(client, [newJob("c"), newJob("b")])).rejects.toMatchObject({ code: "40001" });
      await client.query("ROLLBACK");
      client.release();
      expect(new Set(ids(await claimAll()))).toEqual(new Set(["warm", "a", "b"]));
    });

    it("leaves the caller's error to the caller", async () => {
      const client = { query: () => Promise.reject(new Error("the transaction is aborted")) };
      await expect(queue.sendWithin(client, newJob("a"))).rejects.toThrow("the transaction is aborted");
    });

    it("tells workers of other processes that jobs have come", async () => {
      let calls = 0;
      const stop = elsewhere.watch(() => calls++);
      await until(() => calls > 0); // it listens
      calls = 0;
      await queue.send(newJob("a"));
      await until(() => calls > 0);
      stop();
    });

    it("waits for the disk although the role was set not to", async () => {
      const client = await pool.connect();
      await queue.send(newJob("warm"));
      await client.query("BEGIN; SET LOCAL synchronous_commit = off");
      await queue.sendWithin(client, newJob("a"));
      expect((await client.query("SHOW synchronous_commit")).rows).toEqual([{ synchronous_commit: "on" }]);
      await client.query("COMMIT; BEGIN; SET LOCAL synchronous_commit = remote_apply");
      await queue.sendWithin(client, newJob("b"));
      expect((await client.query("SHOW synchronous_commit")).rows).toEqual([{ synchronous_commit: "remote_apply" }]);
      await client.query("COMMIT");
      client.release();
    });

    it("gives two claims that come at once no job in common, and renews beside settling", async () => {
      await Promise.all(Array.from({ length: 400 }, (_, index) => queue.send(newJob(`job-${index}`))));
      const seen: string[] = [];
      const work = async (from: Queue) => {
        for (let jobs = await from.claim({ limit: 9, leaseMs }); jobs.jobs.length > 0; ) {
          seen.push(...ids(jobs.jobs));
          const backwards = jobs.jobs.toReversed();
          const [next] = await Promise.all([
            from.claim({ limit: 9, leaseMs, settle: backwards.map(acknowledge) }),
            from.renew(jobs.jobs, leaseMs),
          ]);
          expect(next.lost).toEqual([]);
          jobs = next;
        }
      };
      await Promise.all([work(queue), work(queue), work(elsewhere), work(elsewhere)]);
      expect(seen).toHaveLength(400);
      expect(new Set(seen).size).toBe(400);
    });

    it("leaves nothing of a job that is acknowledged or purged", async () => {
      await Promise.all(["a", "b"].map((id) => queue.send(newJob(id, { body: Buffer.alloc(100_000) }))));
      const [first, second] = await claimAll();
      await queue.claim({ limit: 0, leaseMs, settle: [acknowledge(first!), { ...second!, outcome: "dead", reason: "x" }] });
      expect(await queue.purge("all")).toBe(1);
      expect(await rows("SELECT FROM {schema}.jobs UNION ALL SELECT FROM {schema}.job_contents")).toEqual([]);
    });

    it("works in a pool that it is given, and leaves it open", async () => {
      const ours = postgresQueue({ connection: pool, schema });
      await ours.send(newJob("a", { ordering: { key: "k", afterDead: "wait" } }));
      const [job] = await claimAll(ours);
      expect((await ours.claim({ limit: 1, leaseMs, settle: [acknowledge(job!)] })).lost).toEqual([]);
      await ours.close();
      expect(pool.listenerCount("error")).toBe(0);
      expect(await rows("SELECT name FROM pg_prepared_statements")).toEqual([]);
    });

    it("works in a pool of one connection, though nobody tells it of jobs that come from elsewhere", async () => {
      const narrow = new pg.Pool({ connectionString: urlWith({}), max: 1 });
      const ours = postgresQueue({ connection: narrow, schema });
      const stop = ours.watch(() => {});
      await ours.send(newJob("a"));
      expect(ids(await claimAll(ours))).toEqual(["a"]);
      stop();
      await ours.close();
      await narrow.end();
    });

    it("shares the connections of a database that is open, and leaves it open", async () => {
      const database = openPostgres({ connection: urlWith({ application_name: schema }), schema });
      const shared = postgresQueue({ database });
      expect(shared.location).toBe(queue.location);
      expect(shared.location).not.toBe(elsewhere.location);
      await shared.send(newJob("a"));
      await shared.close();
      expect((await database.query(`SELECT seq FROM ${database.schema}.jobs`)).rowCount).toBe(1);
      await database.close();
    });
  });
});
