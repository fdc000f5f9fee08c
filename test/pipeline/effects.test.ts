import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { forgetEffects, runOnce, runOnceSync } from "../../src/pipeline/effects.ts";
import { describeWith, isServiceThere, serviceUrl } from "../support/services.ts";

const hasPostgres = await isServiceThere("postgres");

describe("an effect in a SQLite transaction", () => {
  let database: DatabaseSync;
  let effects: string[];

  beforeEach(() => {
    database = new DatabaseSync(":memory:");
    effects = [];
  });
  afterEach(() => database.close());

  const inTransaction = (end: "COMMIT" | "ROLLBACK", key: string) => {
    database.exec("BEGIN");
    const ran = runOnceSync(database, key, () => effects.push(key));
    database.exec(end);
    return ran;
  };

  it("runs once for each key", () => {
    expect([inTransaction("COMMIT", "a"), inTransaction("COMMIT", "a"), inTransaction("COMMIT", "b")]).toEqual([true, false, true]);
    expect(effects).toEqual(["a", "b"]);
  });

  it("runs again after a rollback", () => {
    expect([inTransaction("ROLLBACK", "a"), inTransaction("COMMIT", "a"), inTransaction("COMMIT", "a")]).toEqual([true, true, false]);
  });

  it("may be asynchronous", async () => {
    database.exec("BEGIN");
    expect(await runOnce(database, "a", async () => void effects.push("a"))).toBe(true);
    expect(await runOnce(database, "a", async () => void effects.push("a"))).toBe(false);
    database.exec("COMMIT");
    expect(effects).toEqual(["a"]);
  });

  it("is refused without a transaction, since nothing would bind it to its record", () => {
    expect(() => runOnceSync(database, "a", () => effects.push("a"))).toThrow(TypeError);
    expect(effects).toEqual([]);
  });

  it("is refused as synchronous where it answers a promise", () => {
    database.exec("BEGIN");
    expect(() => runOnceSync(database, "a", async () => {})).toThrow(TypeError);
    database.exec("ROLLBACK");
  });

  it("is forgotten when asked", async () => {
    inTransaction("COMMIT", "a");
    await forgetEffects(database, new Date(Date.now() - 60_000));
    expect(inTransaction("COMMIT", "a")).toBe(false);
    await forgetEffects(database, new Date(Date.now() + 60_000));
    expect(inTransaction("COMMIT", "a")).toBe(true);
  });
});

describeWith("PostgreSQL", hasPostgres, "an effect in a PostgreSQL transaction", () => {
  const schema = `effects_${randomUUID().slice(0, 8)}`;
  let pool: pg.Pool;

  beforeEach(async () => {
    pool = new pg.Pool({ connectionString: serviceUrl("postgres"), options: `-c search_path=${schema}`, max: 12 });
    await pool.query(`CREATE SCHEMA ${schema}`);
    await pool.query("CREATE TABLE done (key text)");
  });
  afterEach(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await pool.end();
  });

  const inTransaction = async (end: "COMMIT" | "ROLLBACK", key: string) => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      const ran = await runOnce(client, key, () => client.query("INSERT INTO done VALUES ($1)", [key]));
      await client.query(end);
      return ran;
    } finally {
      client.release();
    }
  };
  const done = async () => (await pool.query("SELECT key FROM done ORDER BY key")).rows.map(({ key }) => key);

  it("runs once for each key, also where ten transactions try at once and the table is not there yet", async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => inTransaction("COMMIT", "a")));
    expect(results.filter((ran) => ran)).toHaveLength(1);
    expect(await done()).toEqual(["a"]);
  });

  it("runs again after a rollback, also in one that waited for it", async () => {
    expect(await inTransaction("ROLLBACK", "a")).toBe(true);
    const results = await Promise.all([inTransaction("ROLLBACK", "a"), inTransaction("COMMIT", "a"), inTransaction("COMMIT", "a")]);
    expect(results.filter((ran) => ran).length).toBeGreaterThanOrEqual(1);
    expect(await done()).toEqual(["a"]);
  });

  it("is refused on a pool, which is no transaction", async () => {
    await expect(runOnce(pool, "a", () => {})).rejects.toThrow(TypeError);
  });

  it("is forgotten when asked", async () => {
    await inTransaction("COMMIT", "a");
    const client = await pool.connect();
    await forgetEffects(client, new Date(Date.now() + 3_600_000));
    client.release();
    expect(await inTransaction("COMMIT", "a")).toBe(true);
  });
});
