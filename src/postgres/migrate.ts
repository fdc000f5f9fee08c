import { ConfigurationError } from "../errors.ts";
import type { PostgresClient, PostgresPool, PostgresPoolClient } from "./client.ts";
import { migrations } from "./migrations.ts";

/**
 * Brings the tables up to date, one process at a time.
 *
 * @throws ConfigurationError `database_newer`.
 */
export async function migrate(pool: PostgresPool, schema: string): Promise<void> {
  const client = await pool.connect();
  const ignore = () => {};
  client.on("error", ignore);
  let isUsable = false;
  try {
    if ((await readVersion(client, schema)) !== migrations.length) await migrateLocked(client, schema);
    isUsable = true;
  } finally {
    client.removeListener("error", ignore);
    client.release(!isUsable);
  }
}

/** A step may take its time, and a process that waits for another's must not give up early. */
const patienceMs = 300_000;
const lockStatement = { text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", query_timeout: patienceMs };

async function migrateLocked(client: PostgresPoolClient, schema: string): Promise<void> {
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  await client.query(`SET LOCAL statement_timeout = ${patienceMs}`);
  await client.query({ ...lockStatement, values: [`hookwright migrate ${schema}`] });
  const version = (await readVersion(client, schema)) ?? (await createSchema(client, schema));
  for (const step of migrations.slice(version)) {
    await client.query({ text: step.replaceAll("{schema}", () => schema), values: [], query_timeout: patienceMs });
  }
  await client.query(`UPDATE ${schema}.schema_version SET version = $1`, [migrations.length]);
  await client.query("COMMIT");
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
