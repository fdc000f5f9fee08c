import pg from "pg";
import type { Place } from "./contender.ts";

/** Runs statements on a connection of their own. */
async function run({ url }: Pick<Place, "url">, ...statements: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: readonly Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Makes a schema. */
export async function createSchema(place: Place): Promise<void> {
  await run(place, `CREATE SCHEMA "${place.name}"`);
}

/** Deletes a schema and what is in it. */
export async function dropSchema(place: Place): Promise<void> {
  await run(place, "SET client_min_messages = warning", `DROP SCHEMA IF EXISTS "${place.name}" CASCADE`);
}

/** Empties tables that are there. */
export async function truncate(place: Place, tables: readonly string[]): Promise<void> {
  const [row] = await run(place, `SELECT to_regclass('"${place.name}"."${tables[0]}"') IS NOT NULL AS there`);
  if (row?.["there"] !== true) return;
  await run(place, `TRUNCATE ${tables.map((table) => `"${place.name}"."${table}"`).join(", ")} CASCADE`);
}

/** What autovacuum would have done by and by: statistics for the planner of the tables of a schema. */
export async function analyse(place: Place): Promise<void> {
  const tables = await run(
    place,
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = '${place.name}'`,
  );
  await run(place, ...tables.map(({ name }) => `VACUUM ANALYZE ${String(name)}`));
}

/** How durable a commit is, in the server's words. */
export async function postgresDurability(url: string): Promise<string> {
  const [row] = await run(
    { url },
    "SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit",
  );
  return `PostgreSQL ${String(row?.["version"])}, fsync ${String(row?.["fsync"])}, synchronous_commit ${String(row?.["commit"])}`;
}
