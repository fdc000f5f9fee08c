import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sqliteQueue } from "../../src/queue/drivers/sqlite.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { insertJobStatements, type JobInsertion, openDatabase, type SqliteDatabase } from "../../src/sqlite/index.ts";
import { newJob } from "../queue/conformance.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

describe("insertJobStatements", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let database: SqliteDatabase;
  let queue: Queue;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    database = openDatabase({ file: join(directory.path, "jobs.db") });
    queue = sqliteQueue({ database });
  });
  afterEach(async () => {
    await queue.close();
    await database.close();
    await directory.remove();
  });

  const insert = async (jobs: readonly Parameters<typeof insertJobStatements>[0][], insertion: JobInsertion = { dueAt: 0 }) => {
    const results = await database.execute({ statements: jobs.flatMap((job) => insertJobStatements(job, insertion)), durable: true });
    return results.filter((_, index) => index % 2 === 0).map(({ changes }) => changes);
  };
  const claim = async () => (await queue.claim({ limit: 100, leaseMs: 60_000 })).jobs;
  const when = (condition: boolean) => ({ dueAt: 0, guard: { sql: "? = 1", params: [condition ? 1 : 0] } });
  const bodies = async () => {
    const [result] = await database.execute({
      statements: [{ sql: "SELECT count(*) AS total FROM job_bodies", params: [], get: "rows" }],
      durable: false,
    });
    return result?.rows[0]?.total;
  };

  it("stores jobs in one command, and tells which were new", async () => {
    expect(await insert([newJob("a"), newJob("b", { body: new Uint8Array() }), newJob("a", { head: "second" })])).toEqual([1, 1, 0]);
    expect((await claim()).map(({ id, head, body }) => [id, head, body.byteLength])).toEqual([
      ["a", "{}", 1],
      ["b", "{}", 0],
    ]);
    expect(await bodies()).toBe(2);
  });

  it("stores a job and its body only if the guard is met, whatever was stored before it", async () => {
    const ordering = { key: "k", afterDead: "continue" } as const;
    await insert([newJob("a", { ordering })]);
    expect(await insert([newJob("b"), newJob("c", { ordering })], when(false))).toEqual([0, 0]);
    expect(await bodies()).toBe(1);
    expect(await insert([newJob("b"), newJob("c", { ordering })], when(true))).toEqual([1, 1]);
    expect((await claim()).map(({ id }) => id).sort()).toEqual(["a", "b"]);
    expect(await bodies()).toBe(3);
  });

  it("leaves it to its caller to tell who watches the queue of the same file", async () => {
    let calls = 0;
    const stop = queue.watch(() => calls++);
    await insert([newJob("a")]);
    expect(calls).toBe(0);
    database.announceJobs();
    expect(calls).toBe(1);
    stop();
    database.announceJobs();
    expect(calls).toBe(1);
  });

  it("calls nobody back who has closed", async () => {
    let calls = 0;
    queue.watch(() => calls++);
    await queue.close();
    database.announceJobs();
    expect(calls).toBe(0);
  });
});
