import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeEach, expect } from "@jest/globals";
import { type PostgresQueue, postgresQueue } from "../../src/queue/drivers/postgres.ts";
import { sqliteQueue } from "../../src/queue/drivers/sqlite.ts";
import type { NewJob, Queue } from "../../src/queue/queue.ts";
import { dropSchema, newPool, newSchema, urlWith } from "../postgres/schema.ts";
import { temporaryDirectory } from "../sqlite/temporary-directory.ts";
import { run } from "./run.ts";

export const hourMs = 3_600_000;
export const deliveryKey = { receiver: "github", id: "", deliveryId: "d", bodyChecksum: 7 };
export const job = (id: string, members: Partial<NewJob> = {}): NewJob => ({
  id,
  handler: "Work",
  head: "{}",
  body: Buffer.from(id),
  ...members,
});
export const inOrder = (key: string, afterDead: "wait" | "continue" = "continue") => ({ ordering: { key, afterDead } });
export const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);
export const claim = (queue: Queue, options: Partial<Parameters<Queue["claim"]>[0]> = {}) =>
  queue.claim({ limit: 1_000, leaseMs: 60_000, ...options });

/** A file and a schema of each test's own, and what to do with them. Call it where the tests are described. */
export function moveFixture() {
  const pool = newPool();
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file = "";
  let schema = "";
  const closing: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "webhooks.db");
    schema = newSchema();
  });
  afterEach(async () => {
    for (const each of closing.splice(0)) await each.close();
    await dropSchema(pool, schema);
    await directory.remove();
  });
  afterAll(() => pool.end());

  const opened = <Closable extends { close(): Promise<void> }>(closable: Closable): Closable => {
    closing.push(closable);
    return closable;
  };
  const fill = async (work: (queue: Queue) => Promise<unknown>) => {
    const queue = sqliteQueue({ file });
    await work(queue);
    await queue.close();
  };
  const move = (...more: readonly string[]) =>
    run("src/cli/main.ts", ["move", "--from", file, "--schema", schema, ...more], { HOOKWRIGHT_POSTGRES_URL: urlWith({}) });

  return {
    pool,
    opened,
    fill,
    move,
    get file() {
      return file;
    },
    get schema() {
      return schema;
    },
    inFile: () => opened(sqliteQueue({ file })),
    inServer: (): PostgresQueue => opened(postgresQueue({ connection: urlWith({}), schema })),
    moveAsJson: async () => {
      const { code, stdout, stderr } = await move("--json");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return JSON.parse(stdout);
    },
    killAt: (step: string) => run("test/cli/move-killed.ts", [file, urlWith({}), schema, step]),
    isSchemaThere: async () => (await pool.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema])).rowCount === 1,
    storedIds: async () => {
      const { rows } = await pool.query(`SELECT id FROM "${schema}".job_contents JOIN "${schema}".jobs USING (seq) ORDER BY seq`);
      return rows.map(({ id }) => String(id));
    },
    withDatabase: (sql: string) => {
      const database = new DatabaseSync(file);
      database.exec(sql);
      database.close();
    },
  };
}
