import { durablySql, type PostgresDatabase, type PostgresTransaction } from "../../postgres/index.ts";
import type { Settlement } from "../queue.ts";
import { readHolds, readLeases } from "./postgres-lease.ts";
import { settledSql, settlementColumns, settlingSql } from "./postgres-settle.ts";

// Jobs with an ordering key come into the tables as "new", by statements that lock nothing and know nothing of each other, perhaps
// in a long transaction of the application's. Only the first of a key is free to be claimed. Whoever claims finds the new ones
// and gives them their places; whoever ends a job lets the next of its key go. Both hold a lock on the key while they look and
// change, and look only once they have it, so that neither misses what the other did. A job that they cannot see yet is
// still "new" when it is committed, and so is found later: nobody waits for ever.

/** How many new jobs are given their places at once. */
const batchSize = 1_000;

/** Whether a settlement may let the next job of a key go. */
export function freesNext(settlement: Settlement): boolean {
  if (settlement.outcome !== "acknowledge" && settlement.outcome !== "dead") return false;
  return readLeases([settlement]).some(({ orderingKey }) => orderingKey !== undefined);
}

/** Settles jobs that have ordering keys, and lets the next ones go. Answers the holds that were settled. */
export async function settleInOrder(
  database: PostgresDatabase,
  settlements: readonly Settlement[],
  now: () => Date,
): Promise<readonly string[]> {
  const keys = readLeases(settlements).flatMap(({ orderingKey }) => orderingKey ?? []);
  return database.transaction(async (client) => {
    await lockKeys(client, keys);
    const { rows } = await client.query(settleSql(database.schema), settlementColumns(settlements, now()), { prepared: true });
    await freeNext(client, database.schema, keys);
    return readHolds(rows[0]?.["settled"]);
  });
}

/** Gives new jobs their places. */
export async function placeNewJobs(database: PostgresDatabase): Promise<void> {
  const { schema } = database;
  await database.transaction(async (client) => {
    // One at a time, or each would wait for the locks of the other, to find that there is nothing left to do.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`hookwright places ${schema}`], { prepared: true });
    const { rows } = await client.query(newJobsSql(schema), [batchSize], { prepared: true });
    const jobs = rows.map((row) => ({ seq: String(row["seq"]), key: String(row["ordering_key"]) }));
    await lockKeys(
      client,
      jobs.map(({ key }) => key),
    );
    await givePlaces(client, schema, jobs);
  });
}

/** Lets the next jobs of keys go whose first may have left. The caller has locked the keys in an earlier statement. */
export async function freeNext(client: PostgresTransaction, schema: string, keys: readonly string[]): Promise<void> {
  const each = [...new Set(keys)];
  if (each.length > 0) await client.query(placeSql(schema), [each, each.map(() => null), []], { prepared: true });
}

/** Lets new jobs, oldest first, wait or go. */
async function givePlaces(client: PostgresTransaction, schema: string, jobs: readonly { seq: string; key: string }[]): Promise<void> {
  if (jobs.length === 0) return;
  const oldest = new Map(jobs.toReversed().map(({ seq, key }) => [key, seq]));
  await client.query(placeSql(schema), [[...oldest.keys()], [...oldest.values()], jobs.map(({ seq }) => seq)], { prepared: true });
}

/** Locks keys until the transaction ends, in one order, so that no two transactions wait for each other. */
export async function lockKeys(client: PostgresTransaction, keys: readonly string[]): Promise<void> {
  const inOrder = [...new Set(keys)].sort();
  await client.query("SELECT count(pg_advisory_xact_lock(key)) FROM unnest($1::bigint[]) AS key", [inOrder], { prepared: true });
}

function settleSql(schema: string): string {
  return `
    WITH server AS MATERIALIZED (SELECT clock_timestamp() AS now, ${durablySql}), ${settlingSql(schema)}
    SELECT ${settledSql} AS settled FROM server`;
}

function newJobsSql(schema: string): string {
  return `SELECT seq, ordering_key FROM ${schema}.jobs WHERE place = 1 ORDER BY seq LIMIT $1`;
}

// New jobs are given their places by one transaction at a time, so those that it has read are new until it changes them; only what a
// move brings is given places in another way, and may have let one of them go meanwhile. Rows are named by `seq`: a condition
// that an index over `place` answers would invite the planner to read all that wait.
function placeSql(schema: string): string {
  return `
    WITH first AS MATERIALIZED (
      SELECT least(
        oldest_new, (SELECT seq FROM ${schema}.jobs WHERE ordering_key = key AND place = 2 ORDER BY ordering_key, seq LIMIT 1)
      ) AS seq
      FROM unnest($1::bigint[], $2::bigint[]) AS keys (key, oldest_new)
      WHERE NOT EXISTS (SELECT FROM ${schema}.jobs WHERE ordering_key = key AND place = 0)
    )
    UPDATE ${schema}.jobs SET place = CASE WHEN seq = ANY (ARRAY(SELECT seq FROM first)) THEN 0 ELSE 2 END
    WHERE seq = ANY (ARRAY(SELECT seq FROM first UNION ALL SELECT unnest($3::bigint[]))) AND place <> 0`;
}
