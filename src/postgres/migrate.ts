import { ConfigurationError } from "../errors.ts";
import type { PostgresClient, PostgresPool, PostgresPoolClient } from "./client.ts";
import { isLockTimeout } from "./faults.ts";
import { migrations } from "./migrations.ts";

/** How long to wait. */
export interface MigrateOptions {
  /**
   * Longest wait for another process that makes or changes the tables, and for each step of ours, in milliseconds. Default 300,000: a
   * step may take its time, and who waits for another's must not give up early.
   */
  readonly patienceMs?: number;
  /** Longest wait of a step for a table, in milliseconds. Default 5,000: whoever else wants the table waits behind it. */
  readonly tableMs?: number;
}

const defaults = { patienceMs: 300_000, tableMs: 5_000 };

/**
 * Brings the tables up to date, one process at a time.
 *
 * @throws ConfigurationError `database_newer`.
 * @throws Error with the code 55P03 where another process, or what uses a table, has not come to its end in time.
 */
export async function migrate(pool: PostgresPool, schema: string, options: MigrateOptions = {}): Promise<void> {
  const client = await pool.connect();
  const ignore = () => {};
  client.on("error", ignore);
  let isUsable = false;
  try {
    if ((await readVersion(client, schema)) !== migrations.length) await migrateLocked(client, { ...defaults, ...options, schema });
    isUsable = true;
  } finally {
    client.removeListener("error", ignore);
    client.release(!isUsable);
  }
}

interface Migration extends Required<MigrateOptions> {
  readonly schema: string;
}

/** How much longer this side waits than the server, whose answer says more. */
const grace = { statementMs: 5_000, queryMs: 10_000 };

async function migrateLocked(client: PostgresPoolClient, migration: Migration): Promise<void> {
  const { schema, patienceMs, tableMs } = migration;
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  await client.query(`SET LOCAL lock_timeout = ${patienceMs}; SET LOCAL statement_timeout = ${patienceMs + grace.statementMs}`);
  await client.query("SET LOCAL idle_in_transaction_session_timeout = 30000"); // a process that stops here must not keep the lock
  await lock(client, migration);
  await client.query(`SET LOCAL lock_timeout = ${tableMs}`);
  const version = (await readVersion(client, schema)) ?? (await createSchema(client, schema));
  for (const step of migrations.slice(version)) {
    await client.query({ text: step.replaceAll("{schema}", () => schema), values: [], query_timeout: patienceMs + grace.queryMs });
  }
  await client.query(`UPDATE ${schema}.schema_version SET version = $1`, [migrations.length]);
  await client.query("COMMIT");
}

async function lock(client: PostgresPoolClient, { schema, patienceMs }: Migration): Promise<void> {
  const text = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
  try {
    await client.query({ text, values: [`hookwright migrate ${schema}`], query_timeout: patienceMs + grace.queryMs });
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    const message = `another process has been making or changing the tables in ${schema} for more than ${patienceMs / 1_000} seconds`;
    throw Object.assign(new Error(message, { cause: error }), { code: "55P03" });
  }
}

/** How many steps the database has seen; undefined where there are no tables. */
async function readVersion(client: PostgresClient, schema: string): Promise<number | undefined> {
  const table = await client.query(findTableSql, [schema]);
  if (table.rows[0]?.["is_there"] !== true) return undefined;
  const { rows } = await client.query(`SELECT version FROM ${schema}.schema_version`);
  const version = Number(rows[0]?.["version"] ?? 0);
  if (version > migrations.length) throw newer(version);
  return version;
}

// Not to_regclass: while this transaction waited for the lock it would have kept in mind that there was no such table.
const findTableSql = `
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relname = 'schema_version' AND '"' || replace(nspname, '"', '""') || '"' = $1
  ) AS is_there`;

const findSchemaSql = `SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE '"' || replace(nspname, '"', '""') || '"' = $1) AS is_there`;

async function createSchema(client: PostgresClient, schema: string): Promise<number> {
  // Asked first, because IF NOT EXISTS takes the right to make schemas even where there is nothing to make.
  const found = await client.query(findSchemaSql, [schema]);
  if (found.rows[0]?.["is_there"] !== true) await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(`CREATE TABLE ${schema}.schema_version (version integer NOT NULL)`);
  await client.query(`INSERT INTO ${schema}.schema_version VALUES (0)`);
  return 0;
}

function newer(version: number): ConfigurationError {
  return new ConfigurationError(
    "database_newer",
    `The tables are of version ${version}, written by a newer Hookwright; this one knows versions up to ${migrations.length}.`,
  );
}
