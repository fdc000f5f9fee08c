import { durablySql, fromColumn, idHash, type PostgresDatabase, type PostgresTransaction } from "../../postgres/index.ts";
import type { JobPage, JobQuery, StoredJob } from "../queue.ts";
import { newHoldSql } from "./postgres-lease.ts";
import { freeNext, lockKeys } from "./postgres-ordering.ts";

const defaultLimit = 100;
/** Dead letters that are changed in one transaction, so that none takes long, or much of the room that the server has for locks. */
const batchSize = 1_000;

const isInState = { open: "dead_at IS NULL", dead: "dead_at IS NOT NULL" };

/** Counts jobs, and reads one more than asked for, to know whether there is another page. */
export async function listJobs(database: PostgresDatabase, query: JobQuery, now: () => Date): Promise<JobPage> {
  const { state, limit = defaultLimit, after = "0" } = query;
  const { schema } = database;
  const condition = isInState[state];
  const counted = await database.query(`SELECT count(*) AS total FROM ${schema}.jobs WHERE ${condition}`);
  const total = Number(counted.rows[0]?.["total"]);
  if (limit === 0) return { jobs: [], total };
  const listed = await database.query(listSql(schema, condition), [after, limit + 1]);
  const rows = listed.rows.slice(0, limit);
  const last = listed.rows.length > rows.length ? rows.at(-1) : undefined;
  return { jobs: rows.map((row) => readStoredJob(row, now().getTime())), total, ...(last ? { next: String(last["seq"]) } : {}) };
}

/** Makes dead letters due; answers how many. One that had let others pass takes its place among them again. */
export async function retryDead(database: PostgresDatabase, ids: readonly string[] | "all"): Promise<number> {
  return inBatches(database, ids, async (client, chosen) => {
    const { rowCount } = await client.query(retrySql(database.schema), [chosen]);
    return rowCount ?? 0;
  });
}

/** Deletes dead letters; answers how many. Jobs that waited for them wait no more. */
export async function purgeDead(database: PostgresDatabase, ids: readonly string[] | "all"): Promise<number> {
  const { schema } = database;
  return inBatches(database, ids, async (client, chosen) => {
    // Also of those that nobody waits for yet: a dead letter in line may become the first of its key before it is gone.
    const found = await client.query(keysSql(schema), [chosen]);
    const keys = found.rows.map((row) => String(row["ordering_key"]));
    await lockKeys(client, keys);
    const { rows } = await client.query(purgeSql(schema), [chosen]);
    await freeNext(client, schema, keys);
    return Number(rows[0]?.["count"]);
  });
}

/** Changes dead letters, some thousand in a transaction; answers how many were changed. */
async function inBatches(
  database: PostgresDatabase,
  ids: readonly string[] | "all",
  change: (client: PostgresTransaction, chosen: readonly string[]) => Promise<number>,
): Promise<number> {
  const hashes = ids === "all" ? null : ids.map(idHash);
  let total = 0;
  for (let after = "0"; ; ) {
    const { rows } = await database.query(chooseSql(database.schema), [hashes, after, batchSize]);
    const chosen = rows.map((row) => String(row["seq"]));
    if (chosen.length > 0) total += await database.transaction((client) => change(client, chosen));
    if (chosen.length < batchSize) return total;
    after = chosen.at(-1) ?? after;
  }
}

function chooseSql(schema: string): string {
  return `
    SELECT seq FROM ${schema}.jobs
    WHERE dead_at IS NOT NULL AND seq > $2
      AND ($1::bytea[] IS NULL OR seq = ANY (ARRAY(SELECT seq FROM ${schema}.job_contents WHERE id_hash = ANY ($1::bytea[]))))
    ORDER BY seq LIMIT $3`;
}

function retrySql(schema: string): string {
  return `
    UPDATE ${schema}.jobs SET dead_at = NULL, attempts = 0, crashes = 0, due_at = clock_timestamp(), lease = ${newHoldSql},
      place = CASE place WHEN 3 THEN 1 ELSE place END
    WHERE seq = ANY (ARRAY(SELECT seq FROM ${schema}.jobs WHERE seq = ANY ($1::bigint[]) AND dead_at IS NOT NULL ORDER BY seq FOR UPDATE))`;
}

function keysSql(schema: string): string {
  return `SELECT DISTINCT ordering_key FROM ${schema}.jobs WHERE seq = ANY ($1::bigint[]) AND ordering_key IS NOT NULL`;
}

function purgeSql(schema: string): string {
  return `
    WITH purged AS (
      DELETE FROM ${schema}.jobs
      WHERE seq = ANY (ARRAY(SELECT seq FROM ${schema}.jobs WHERE seq = ANY ($1::bigint[]) AND dead_at IS NOT NULL ORDER BY seq FOR UPDATE))
      RETURNING seq
    ),
    forgotten AS (DELETE FROM ${schema}.job_contents WHERE seq = ANY (ARRAY(SELECT seq FROM purged)))
    SELECT count(*), ${durablySql} FROM purged`;
}

function listSql(schema: string, condition: string): string {
  const inMs = (column: string) => `(extract(epoch FROM ${column} - now()) * 1000)::double precision`;
  return `
    SELECT seq, id, handler, head, body, jobs.group_name, attempts, reason, ${inMs("jobs.due_at")} AS due_ms, ${inMs("dead_at")} AS dead_ms
    FROM ${schema}.jobs JOIN ${schema}.job_contents USING (seq)
    WHERE ${condition} AND seq > $1 ORDER BY seq LIMIT $2`;
}

function readStoredJob(row: Readonly<Record<string, unknown>>, now: number): StoredJob {
  return {
    id: fromColumn(String(row["id"])),
    handler: fromColumn(String(row["handler"])),
    head: fromColumn(String(row["head"])),
    body: row["body"] as Uint8Array,
    group: fromColumn(String(row["group_name"])),
    attempts: Number(row["attempts"]),
    dueAt: new Date(now + Number(row["due_ms"])),
    ...(typeof row["reason"] === "string" ? { reason: fromColumn(row["reason"]) } : {}),
    ...(row["dead_ms"] === null ? {} : { deadAt: new Date(now + Number(row["dead_ms"])) }),
  };
}
