import { afterAll, afterEach, beforeEach, expect, it } from "@jest/globals";
import { openPostgres, type PostgresDatabase } from "../../src/postgres/index.ts";
import { describeWith, isServiceThere } from "../support/services.ts";
import { until } from "../support/until.ts";
import { dropSchema, newPool, newSchema, urlWith } from "./schema.ts";

describeWith("postgres", await isServiceThere("postgres"), "a PostgreSQL database", () => {
  const pool = newPool();
  let schema: string;
  let database: PostgresDatabase;

  beforeEach(() => {
    schema = newSchema();
    database = openPostgres({ connection: urlWith({ application_name: schema }), schema });
  });
  afterEach(async () => {
    await database.close();
    await dropSchema(pool, schema);
  });
  afterAll(() => pool.end());

  it("is one for all who open it by the same string and schema", async () => {
    const same = openPostgres({ connection: urlWith({ application_name: schema }), schema });
    const other = openPostgres({ connection: urlWith({ application_name: schema }), schema: `${schema}2` });
    expect(same.location).toBe(database.location);
    expect(other.location).not.toBe(database.location);
    await Promise.all([same.close(), other.close()]);
  });

  it("stays open until the last hold is closed, after what runs through it", async () => {
    const shared = database.share();
    const running = shared.query("SELECT pg_sleep(0.05), 1 AS one");
    await database.close();
    expect((await shared.query("SELECT 2 AS two")).rows).toMatchObject([{ two: 2 }]);
    await shared.close();
    expect((await running).rows).toMatchObject([{ one: 1 }]);
    await expect(shared.query("SELECT")).rejects.toMatchObject({ code: "closed" });
    await expect(shared.transaction(async () => {})).rejects.toMatchObject({ code: "closed" });
    for (const use of [() => shared.share(), () => shared.listen("x", () => {}), () => shared.watchJobs(() => {})]) {
      expect(use).toThrow(expect.objectContaining({ code: "closed" }));
    }
    await shared.close();
  });

  it("commits a transaction that resolves and undoes one that rejects, whatever the role's isolation", async () => {
    await database.query(`CREATE TABLE ${database.schema}.t (n int)`);
    await database.transaction(async (client) => {
      await client.query(`INSERT INTO ${database.schema}.t VALUES ($1)`, [1]);
      expect((await client.query("SHOW transaction_isolation")).rows).toEqual([{ transaction_isolation: "read committed" }]);
    });
    const failure = new Error("no");
    const failing = database.transaction(async (client) => {
      await client.query(`INSERT INTO ${database.schema}.t VALUES (2)`);
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    const refused = database.transaction((client) => client.query("SELECT 1/0"));
    await expect(refused).rejects.toMatchObject({ code: "store_unavailable", cause: { code: "22012" } });
    expect((await database.query(`SELECT n FROM ${database.schema}.t`)).rows).toEqual([{ n: 1 }]);
  });

  it("sets its own sessions up for prepared statements, and leaves a string's options alone", async () => {
    const shown = "SELECT current_setting('enable_seqscan') AS scan, current_setting('default_transaction_isolation') AS isolation";
    expect((await database.query(shown)).rows).toEqual([{ scan: "off", isolation: "read committed" }]);
    const other = openPostgres({ connection: urlWith({ options: "-c default_transaction_isolation=serializable" }), schema });
    expect((await other.query(shown)).rows).toEqual([{ scan: "on", isolation: "serializable" }]);
    await other.close();
  });

  it("ends its transactions that idle in any pool, at the pool's own limit where it has one", async () => {
    const limits = [undefined, 120_000].map((limit) => newPool(limit ? { idle_in_transaction_session_timeout: limit } : {}));
    const shown = limits.map(async (given) => {
      const other = openPostgres({ connection: given, schema });
      const { rows } = await other.transaction((client) => client.query("SHOW idle_in_transaction_session_timeout"));
      await other.close();
      await given.end();
      return rows[0]?.["idle_in_transaction_session_timeout"];
    });
    expect(await Promise.all(shown)).toEqual(["30s", "2min"]);
  });

  it("tells no values of a row in an error", async () => {
    await database.query(`CREATE TABLE ${database.schema}.t (body text NOT NULL, n int NOT NULL)`);
    const error = await database.query(`INSERT INTO ${database.schema}.t VALUES ('payload', NULL)`).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "store_unavailable" });
    const cause = (error as Error).cause as Error;
    expect(
      Object.getOwnPropertyNames(cause)
        .map((name) => Reflect.get(cause, name))
        .join(),
    ).not.toContain("payload");
  });

  it("listens on several channels, joined at any time, until it is told to stop", async () => {
    const heard: string[] = [];
    const stop = database.listen("one", () => heard.push("one"));
    await until(() => heard.length > 0);
    const stopOther = database.listen('two"', () => heard.push("two"));
    await until(() => heard.includes("two"));
    stop();
    heard.length = 0;
    await pool.query(`NOTIFY one; NOTIFY "two"""`);
    await until(() => heard.length > 0);
    expect(heard).toEqual(["two"]);
    stopOther();
    const listening = "SELECT FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'LISTEN%'";
    await until(async () => (await pool.query(listening, [schema])).rowCount === 0);
  });
});
