import { afterAll, afterEach, beforeEach, expect, it } from "@jest/globals";
import { type PostgresQueue, postgresQueue } from "../../../src/queue/drivers/postgres.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { dropSchema, newPool, newSchema, urlWith } from "../../postgres/schema.ts";
import { describeWith, isServiceThere } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { newJob } from "../conformance.ts";

const leaseMs = 60_000;
const ids = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
const keyed = (id: string, key = "k", afterDead: "continue" | "wait" = "continue") => newJob(id, { ordering: { key, afterDead } });
const acknowledge = ({ id, lease }: LeasedJob) => ({ id, lease, outcome: "acknowledge" }) as const;
const dead = ({ id, lease }: LeasedJob) => ({ id, lease, outcome: "dead", reason: "x" }) as const;

describeWith("postgres", await isServiceThere("postgres"), "the order of jobs of one key in PostgreSQL", () => {
  const pool = newPool();
  let schema: string;
  let queues: readonly PostgresQueue[];
  let queue: PostgresQueue;

  beforeEach(() => {
    schema = newSchema();
    queues = [1, 2, 3].map((index) => postgresQueue({ connection: urlWith({ application_name: `${schema}-${index}` }), schema }));
    queue = queues[0]!;
  });
  afterEach(async () => {
    await Promise.all(queues.map((each) => each.close()));
    await dropSchema(pool, schema);
  });
  afterAll(() => pool.end());

  const claim = async (settle: readonly Settlement[] = []) => (await queue.claim({ limit: 100, leaseMs, settle })).jobs;

  it("does not let jobs overtake those sent earlier without waiting for the answer", async () => {
    for (let index = 0; index < 1_200; index++) void queue.send(keyed(`job-${index}`, "k"));
    await queue.send(keyed("last"));
    for (let index = 0, [job] = await claim(); index < 50; index++) {
      expect(job?.id).toBe(`job-${index}`);
      [job] = await claim([acknowledge(job!)]);
    }
  });

  it("finds a job whose transaction commits late, and lets one in whose transaction goes on hold up nobody", async () => {
    const client = await pool.connect();
    await queue.send(keyed("first"));
    const [first] = await claim();
    await client.query("BEGIN");
    await queue.sendWithin(client, keyed("late"));
    await queue.send(keyed("second"));
    const [second] = await claim([acknowledge(first!)]);
    expect(second?.id).toBe("second");
    await client.query("COMMIT");
    client.release();
    expect(await claim()).toEqual([]);
    expect(ids(await claim([acknowledge(second!)]))).toEqual(["late"]);
  });

  it("lets a dead letter that is tried again take its place without running beside another", async () => {
    for (const id of ["a", "b", "c"]) await queue.send(keyed(id));
    const [b] = await claim((await claim()).map(dead));
    expect(b?.id).toBe("b");
    expect(await queue.retry(["a"])).toBe(1);
    expect(await claim()).toEqual([]);
    const [a] = await claim([acknowledge(b!)]);
    expect(a?.id).toBe("a");
    expect(ids(await claim([acknowledge(a!)]))).toEqual(["c"]);
  });

  it("lets every key go on that waited for a dead letter when all are purged", async () => {
    for (let index = 0; index < 30; index++) for (const turn of [1, 2]) await queue.send(keyed(`${index}/${turn}`, `k${index}`, "wait"));
    await claim((await claim()).map(dead));
    expect(await claim()).toEqual([]);
    expect(await queue.purge("all")).toBe(30);
    expect(ids(await claim()).every((id) => id.endsWith("/2"))).toBe(true);
  });

  /** Until so many statements of this test's queues wait for a lock. */
  const untilWaiting = (count: number) => {
    const sql = "SELECT FROM pg_stat_activity WHERE application_name LIKE $1 AND wait_event_type = 'Lock'";
    return until(async () => (await pool.query(sql, [`${schema}%`])).rowCount === count);
  };

  it("lets a key go on of which a dead letter is purged in the moment in which its turn comes", async () => {
    for (const id of ["a", "b", "c"]) await queue.send(keyed(id, "k", "wait"));
    const [a] = await claim();
    const [b] = (await pool.query(`UPDATE "${schema}".jobs SET dead_at = now() WHERE place = 2 RETURNING seq`)).rows;
    await pool.query(`UPDATE "${schema}".jobs SET dead_at = NULL WHERE seq > $1`, [b.seq]); // as a move from SQLite leaves it
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query(`SELECT FROM "${schema}".jobs WHERE seq = $1 FOR UPDATE`, [b.seq]);
    const settled = queue.claim({ limit: 0, leaseMs, settle: [acknowledge(a!)] });
    await untilWaiting(1);
    const purged = queue.purge(["b"]);
    await untilWaiting(2);
    await client.query("COMMIT");
    client.release();
    expect([(await settled).lost, await purged]).toEqual([[], 1]);
    expect(ids(await claim())).toEqual(["c"]);
  });

  it("leaves a job its turn that was given it after the job was found new", async () => {
    await queue.send(keyed("a"));
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query(`SELECT pg_advisory_xact_lock(ordering_key) FROM "${schema}".jobs`);
    const claimed = claim();
    await untilWaiting(1);
    await pool.query(`UPDATE "${schema}".jobs SET place = 0`); // as a move from SQLite does, which locks the table and not the key
    await client.query("COMMIT");
    client.release();
    expect(ids(await claimed)).toEqual(["a"]);
  });

  it("does not look at all that wait behind one key", async () => {
    for (const id of ["first", "second"]) await queue.send(keyed(id));
    let [job] = await claim();
    const columns = "due_at, ordering_key, waits_for_dead, group_name";
    await pool.query(`
      WITH stored AS (
        INSERT INTO "${schema}".job_contents (id_hash, id, handler, head, body, ${columns})
        SELECT sha256(turn::text::bytea), turn::text, handler, head, body, ${columns}
        FROM "${schema}".job_contents, generate_series(1, 100000) AS turn WHERE id = 'second' RETURNING seq, ${columns}
      )
      INSERT INTO "${schema}".jobs (seq, lease, place, ${columns}) SELECT seq, 0, 2, ${columns} FROM stored`);
    const entriesRead = async () => {
      await Promise.all(queues.map((each) => each.close())); // a session tells what it has read when it ends
      const connections = "SELECT FROM pg_stat_activity WHERE application_name LIKE $1";
      await until(async () => (await pool.query(connections, [`${schema}%`])).rowCount === 0);
      const sql = "SELECT sum(idx_tup_read)::int AS entries FROM pg_stat_user_indexes WHERE schemaname = $1";
      return Number((await pool.query(sql, [schema])).rows[0].entries);
    };
    const before = await entriesRead();
    queue = postgresQueue({ connection: urlWith({ application_name: `${schema}-4` }), schema });
    queues = [queue];
    for (let turn = 0; turn < 20; turn++) [job] = await claim([acknowledge(job!)]);
    expect(job?.id).toBe("19");
    expect((await entriesRead()) - before).toBeLessThan(20 * 100);
  }, 30_000);

  it("keeps the order under senders, workers and failures of several processes at once", async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `key-${index}`);
    const turns = 25;
    const done = new Map<string, number[]>(keys.map((key) => [key, []]));
    const running = new Set<string>();
    let left = keys.length * turns;
    const send = async (key: string, from: PostgresQueue) => {
      const client = await pool.connect();
      for (let turn = 0; turn < turns; turn++) {
        if (turn % 3 > 0) await from.send(keyed(`${key}/${turn}`, key));
        else {
          await client.query("BEGIN");
          await from.sendWithin(client, keyed(`${key}/${turn}`, key));
          await client.query("COMMIT");
        }
      }
      client.release();
    };
    const work = async (from: Queue, worker: number) => {
      for (let settle: Settlement[] = [], count = 0; left > 0; ) {
        const { jobs, lost } = await from.claim({ limit: 1 + (count % 5), leaseMs, settle });
        expect(lost).toEqual([]);
        for (const { id } of jobs) {
          const [key = ""] = id.split("/");
          expect(running.has(key)).toBe(false);
          running.add(key);
        }
        await new Promise(setImmediate);
        settle = jobs.map((job) => {
          const [key = "", turn] = job.id.split("/");
          running.delete(key);
          if (++count % 7 === worker) return { ...job, outcome: "release" };
          if (count % 11 === worker) return { ...job, outcome: "retry", dueAt: new Date(), reason: "again" };
          done.get(key)?.push(Number(turn));
          left--;
          return count % 5 === worker ? dead(job) : acknowledge(job);
        });
      }
    };
    const workers = queues.flatMap((each, index) => [work(each, index), work(each, index)]);
    await Promise.all([...keys.map((key, index) => send(key, queues[index % queues.length]!)), ...workers]);
    const inOrder = Array.from({ length: turns }, (_, turn) => turn);
    for (const key of keys) expect(done.get(key)).toEqual(inOrder);
  }, 30_000);
});
