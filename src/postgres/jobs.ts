import { createHash } from "node:crypto";
import type { NewJob } from "../job.ts";
import { binaryArray } from "./binary-array.ts";
import type { PostgresResult } from "./client.ts";
import { aheadSql, type ServerTime } from "./server-time.ts";
import { toColumn } from "./text.ts";

/** Where jobs go, and how. */
export interface InsertJobsOptions {
  /** The schema as a quoted identifier. */
  readonly schema: string;
  readonly time: ServerTime;
  readonly now: () => Date;
  /** Whether the commit that brings the jobs tells those who listen; else {@link announceJobs} has to. */
  readonly announce: boolean;
}

/** Runs a statement, with values that are made when it is about to be sent. */
export type RunStatement = (text: string, values: () => unknown[]) => Promise<PostgresResult>;

/**
 * Stores jobs with one statement, in the transaction that `run` runs it in; of jobs with the id of a stored one, or of an earlier
 * one among them, nothing. The transaction then waits for the disk when it commits, whatever the session's settings.
 */
export async function insertJobs(
  run: RunStatement,
  jobs: readonly NewJob[],
  { schema, time, now, announce }: InsertJobsOptions,
): Promise<void> {
  if (jobs.length === 0) return;
  const { rows } = await run(insertSql(schema, announce), () => [...columns(jobs, schema), ...time.parameters(now())]);
  time.learn(rows[0]?.["ahead_ms"]);
}

/** The channel on which it is told that a schema has new jobs. */
export function jobsChannel(schema: string): string {
  return `hookwright_${digest(schema).toString("hex")}`;
}

/** SQL that tells those who listen. A transaction of its own does not hold up others: one that also writes does, until it is on the disk. */
export function announceSql(schema: string): string {
  return `SELECT pg_notify('${jobsChannel(schema)}', '')`;
}

/** SQL that makes the transaction that it runs in durable, where the session or the role was set to have it otherwise. */
export const durablySql = `set_config('synchronous_commit',
  CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)`;

/** How an id stands in its unique index, which takes no long ones. */
export function idHash(id: string): Buffer {
  return digest(id);
}

/** The number that stands for an ordering key. Should two keys ever share one, they wait for each other. */
export function orderingKey(key: string, schema: string): string {
  return digest(`${schema}\n${key}`).readBigInt64BE().toString();
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text, "utf16le").digest().subarray(0, 16);
}

function columns(jobs: readonly NewJob[], schema: string): unknown[] {
  return [
    binaryArray(
      "bytea",
      jobs.map(({ id }) => idHash(id)),
    ),
    binaryArray(
      "text",
      jobs.map(({ id }) => toColumn(id)),
    ),
    binaryArray(
      "text",
      jobs.map(({ handler }) => toColumn(handler)),
    ),
    binaryArray(
      "text",
      jobs.map(({ group }) => toColumn(group ?? "")),
    ),
    binaryArray(
      "text",
      jobs.map(({ head }) => toColumn(head)),
    ),
    binaryArray(
      "bytea",
      jobs.map(({ body }) => body),
    ),
    jobs.map(({ dueAt }) => dueAt?.getTime() ?? null),
    jobs.map(({ ordering }) => (ordering ? orderingKey(ordering.key, schema) : null)),
    jobs.map(({ ordering }) => ordering?.afterDead === "wait"),
  ];
}

// The arrays are taken apart in the select list, where they are not copied to a temporary place first, and in their order, which is
// that of `seq`. A lease starts anywhere, so that a later job never repeats one.
function insertSql(schema: string, announce: boolean): string {
  return `
    WITH server AS MATERIALIZED (SELECT clock_timestamp() AS now, ${aheadSql("$10", "$11")} AS ahead_ms, ${durablySql}),
    stored AS (
      INSERT INTO ${schema}.job_contents (id_hash, id, handler, group_name, head, body, due_at, ordering_key, waits_for_dead)
      SELECT id_hash, id, handler, group_name, head, body,
        coalesce(to_timestamp((due_ms + (SELECT ahead_ms FROM server)) / 1000), (SELECT now FROM server)), ordering_key, waits_for_dead
      FROM (
        SELECT unnest($1::bytea[]) AS id_hash, unnest($2::text[]) AS id, unnest($3::text[]) AS handler, unnest($4::text[]) AS group_name,
          unnest($5::text[]) AS head, unnest($6::bytea[]) AS body, unnest($7::double precision[]) AS due_ms,
          unnest($8::bigint[]) AS ordering_key, unnest($9::boolean[]) AS waits_for_dead
      ) AS input
      ON CONFLICT (id_hash) DO NOTHING
      RETURNING seq, due_at, ordering_key, waits_for_dead, group_name
    ),
    placed AS (
      INSERT INTO ${schema}.jobs (seq, due_at, ordering_key, waits_for_dead, group_name, place, lease)
      SELECT seq, due_at, ordering_key, waits_for_dead, group_name,
        CASE WHEN ordering_key IS NULL THEN 0 ELSE 1 END, floor(random() * 1000000000)
      FROM stored
    )
    SELECT ahead_ms${announce ? `, pg_notify('${jobsChannel(schema)}', '')` : ""} FROM server`;
}
