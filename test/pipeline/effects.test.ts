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

  it("is refused as synchronous where what it answers runs only when it is awaited", () => {
    database.exec("BEGIN");
    expect(() => runOnceSync(database, "a", () => ({ then: () => {} }))).toThrow(TypeError);
    database.exec("ROLLBACK");
  });

  it("is not recorded if it throws, even where the transaction is committed", async () => {
    const failing = () => {
      throw new Error("no");
    };
    database.exec("BEGIN");
    expect(() => runOnceSync(database, "a", failing)).toThrow("no");
    await expect(runOnce(database, "a", failing)).rejects.toThrow("no");
    database.exec("COMMIT");
    expect(inTransaction("COMMIT", "a")).toBe(true);
  });

  it("throws what it threw where that has ended the transaction", () => {
    database.exec("BEGIN");
    const ending = () => {
      database.exec("ROLLBACK");
      throw new Error("full");
    };
    expect(() => runOnceSync(database, "a", ending)).toThrow("full");
    expect(inTransaction("COMMIT", "a")).toBe(true);
  });

  it("runs again after a rollback to a savepoint", () => {
    database.exec("BEGIN; SAVEPOINT inner_one");
    expect(runOnceSync(database, "a", () => {})).toBe(true);
    database.exec("ROLLBACK TO inner_one");
    expect(runOnceSync(database, "a", () => {})).toBe(true);
    database.exec("COMMIT");
    expect(inTransaction("COMMIT", "a")).toBe(false);
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

  it("is refused on a client without a transaction, since nothing would bind it to its record", async () => {
    await inTransaction("COMMIT", "other");
    const client = await pool.connect();
    await expect(runOnce(client, "a", () => {})).rejects.toThrow(TypeError);
    client.release();
    expect(await inTransaction("COMMIT", "a")).toBe(true);
  });

  it("is not recorded if it throws, even where the transaction is committed", async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await expect(runOnce(client, "a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await client.query("COMMIT");
    client.release();
    expect(await inTransaction("COMMIT", "a")).toBe(true);
  });

  it("throws what it threw where that has made the transaction useless", async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await expect(runOnce(client, "a", () => client.query("SELECT 1 / 0"))).rejects.toMatchObject({ code: "22012" });
    await client.query("ROLLBACK");
    client.release();
    expect(await inTransaction("COMMIT", "a")).toBe(true);
  });

  it("runs again after a rollback to a savepoint", async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("SAVEPOINT inner_one");
    expect(await runOnce(client, "a", () => {})).toBe(true);
    await client.query("ROLLBACK TO inner_one");
    expect(await runOnce(client, "a", () => {})).toBe(true);
    expect(await runOnce(client, "a", () => {})).toBe(false);
    await client.query("COMMIT");
    client.release();
    expect(await inTransaction("COMMIT", "a")).toBe(false);
  });

  it("has one of two serializable transactions tried again, and then runs in neither twice", async () => {
    await inTransaction("COMMIT", "other");
    const attempt = async (): Promise<boolean> => {
      const client = await pool.connect();
      try {
        await client.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
        const ran = await runOnce(client, "a", () => client.query("INSERT INTO done VALUES ('a')"));
        await client.query("COMMIT");
        return ran;
      } catch (error) {
        await client.query("ROLLBACK");
        if ((error as { readonly code?: string }).code === "40001") return await attempt();
        throw error;
      } finally {
        client.release();
      }
    };
    const results = await Promise.all([attempt(), attempt(), attempt()]);
    expect(results.filter((ran) => ran)).toHaveLength(1);
    expect(await done()).toEqual(["a", "other"]);
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
