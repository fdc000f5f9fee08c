import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { openPostgres } from "../../src/postgres/index.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { migrations } from "../../src/postgres/migrations.ts";
import { describeWith, isServiceThere } from "../support/services.ts";
import { dropSchema, newPool, newSchema, urlWith } from "./schema.ts";

/** Of the steps that are released. A released step is never edited: write a new one instead of changing a line here. */
const released: readonly string[] = [
  "c356de66c5804572f6e4b62887068cbfe96c558a28f30796a09ce069cc3d5032",
  "fc1ada8844977d19ad63653cd5029f01756387d76c07550b9c2da5209da082ce",
];

describe("the steps of the PostgreSQL schema", () => {
  it("stay as they were released", () => {
    const hashes = migrations.map((step) => createHash("sha256").update(step).digest("hex"));
    expect(hashes.slice(0, released.length)).toEqual(released);
  });
});

describeWith("postgres", await isServiceThere("postgres"), "making the tables in PostgreSQL", () => {
  const pool = newPool();
  let schema: string;

  beforeEach(() => {
    schema = newSchema();
  });
  afterEach(() => dropSchema(pool, schema));
  afterAll(() => pool.end());

  it("is done once, by ten processes that start together", async () => {
    const script = fileURLToPath(new URL("./migrate.ts", import.meta.url));
    const start = (index: number) => promisify(execFile)(process.execPath, [script, urlWith({}), schema, String(index)]);
    await Promise.all(Array.from({ length: 10 }, (_, index) => start(index)));
    const { rows } = await pool.query(
      `SELECT version, (SELECT count(*)::int FROM "${schema}".jobs) AS jobs FROM "${schema}".schema_version`,
    );
    expect(rows).toEqual([{ version: migrations.length, jobs: 10 }]);
  }, 60_000);

  it("refuses tables of a newer version", async () => {
    const first = openPostgres({ connection: urlWith({}), schema });
    await first.query("SELECT");
    await first.query(`UPDATE ${first.schema}.schema_version SET version = 1000`);
    await first.close();
    const second = openPostgres({ connection: urlWith({}), schema });
    await expect(second.query("SELECT")).rejects.toMatchObject({ code: "database_newer" });
    await second.close();
  });

  it("waits a bounded time for another process, and says then that it did", async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`hookwright migrate "${schema}"`]);
    const waiting = migrate(pool, `"${schema}"`, { patienceMs: 50 });
    await expect(waiting).rejects.toMatchObject({ code: "55P03", message: expect.stringContaining("another process") });
    await client.query("COMMIT");
    client.release();
    await migrate(pool, `"${schema}"`, { patienceMs: 60_000 });
    expect((await pool.query(`SELECT version FROM "${schema}".schema_version`)).rows).toEqual([{ version: migrations.length }]);
  });

  it("does not wait long for what somebody else uses, since others would wait behind it", async () => {
    const client = await pool.connect();
    await client.query(`BEGIN; CREATE SCHEMA "${schema}"`);
    await expect(migrate(pool, `"${schema}"`, { tableMs: 50 })).rejects.toMatchObject({ code: "55P03" });
    await client.query("ROLLBACK");
    client.release();
    await migrate(pool, `"${schema}"`);
    expect((await pool.query(`SELECT FROM "${schema}".jobs`)).rows).toEqual([]);
  });

  it("takes any name of a schema, and leaves nothing half done", async () => {
    const strange = `${schema}"; $& x`;
    const other = openPostgres({ connection: urlWith({}), schema: strange });
    await other.query("SELECT");
    await other.query(`SELECT FROM ${other.schema}.jobs`);
    await other.close();
    await dropSchema(pool, strange);
  });
});
