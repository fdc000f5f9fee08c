import { durablySql, fromColumn, type PostgresDatabase, toColumn } from "../../postgres/index.ts";
import type { ClaimOptions, LeasedJob, LeaseRef } from "../queue.ts";
import { lostLeases, newHoldSql, readHolds, readLeases, writeLease } from "./postgres-lease.ts";
import { lockSql, settledSql, settlementColumns, settlingSql } from "./postgres-settle.ts";

/** What one statement claimed. */
export interface Claimed {
  readonly jobs: readonly LeasedJob[];
  /** Holds that were settled. */
  readonly settled: readonly string[];
  /** When the next job is due, in milliseconds from now. */
  readonly nextDueMs: number | undefined;
  /** Whether there are jobs that have no place behind their ordering key yet. */
  readonly hasNew: boolean;
}

/** How to claim. */
export interface ClaimManner {
  readonly now: () => Date;
  /** Whether to claim also while there are jobs without a place; else nothing is. */
  readonly beforeNew: boolean;
}

/** Settles and claims in one round trip. */
export async function claimJobs(database: PostgresDatabase, options: ClaimOptions, { now, beforeNew }: ClaimManner): Promise<Claimed> {
  const { settle = [], limit, leaseMs, except = [] } = options;
  const groups = except.map(toColumn);
  const values = () => [...settlementColumns(settle, now()), leaseMs, limit, groups, beforeNew];
  const { rows } = await database.query(claimSql(database.schema), values, { prepared: true });
  const summary = rows.find((row) => row["seq"] === null);
  const claimed = rows.filter((row) => row["seq"] !== null);
  return {
    jobs: claimed.sort((one, other) => Number(one["rank"]) - Number(other["rank"])).map(readLeasedJob),
    settled: readHolds(summary?.["settled"]),
    nextDueMs: typeof summary?.["next_due_ms"] === "number" ? summary["next_due_ms"] : undefined,
    hasNew: summary?.["has_new"] === true,
  };
}

/**
 * A commit that hands out a lease or extends one waits for the disk, like one that brings jobs: were it lost in a crash of the server,
 * the job would be handed to another worker while this one still has it.
 *
 * All parts see the tables as they were when the statement began. So what was just settled is left out of what is due by name, and
 * the next due time of what was just returned is added.
 */
function claimSql(schema: string): string {
  return `
    WITH server AS MATERIALIZED (SELECT clock_timestamp() AS now, ${durablySql}),
    ${settlingSql(schema)},
    due AS MATERIALIZED (${dueSql(schema)}),
    leased AS (${leaseSql(schema)}),
    ranked AS (SELECT seq, row_number() OVER (ORDER BY due_at, seq) AS rank FROM due)
    SELECT ${settledSql} AS settled, next_due_ms, EXISTS (SELECT FROM ${schema}.jobs WHERE place = 1) AS has_new,
      NULL AS rank, NULL AS seq, NULL AS lease, NULL AS ordering_key, NULL AS group_name, NULL AS attempts, NULL AS crashes,
      NULL AS id, NULL AS handler, NULL AS head, NULL AS body
    FROM (SELECT ${nextDueSql(schema)} AS next_due_ms) AS next
    UNION ALL
    SELECT NULL, NULL, NULL, rank, leased.*, contents.*
    FROM leased JOIN ranked USING (seq),
      LATERAL (SELECT id, handler, head, body FROM ${schema}.job_contents WHERE job_contents.seq = leased.seq OFFSET 0) AS contents`;
}

function dueSql(schema: string): string {
  return `
      SELECT seq, due_at FROM ${schema}.jobs
      WHERE place = 0 AND dead_at IS NULL AND due_at <= (SELECT now FROM server)
        AND seq <> ALL (ARRAY(SELECT seq FROM held)) AND group_name <> ALL ($8::text[])
        AND ($9::boolean OR NOT EXISTS (SELECT FROM ${schema}.jobs WHERE place = 1))
      ORDER BY due_at, seq LIMIT $7 FOR UPDATE SKIP LOCKED`;
}

function leaseSql(schema: string): string {
  return `
      UPDATE ${schema}.jobs SET
        due_at = (SELECT now FROM server) + $6::double precision * interval '1 millisecond',
        lease = ${newHoldSql}, attempts = attempts + 1, crashes = crashes + is_held::integer, is_held = true
      WHERE seq = ANY (ARRAY(SELECT seq FROM due))
      RETURNING seq, lease, ordering_key, group_name, attempts, crashes`;
}

function nextDueSql(schema: string): string {
  return `(extract(epoch FROM least(
      (SELECT min(due_at) FROM ${schema}.jobs WHERE place = 0 AND dead_at IS NULL AND due_at > (SELECT now FROM server)),
      (SELECT min(due_at) FROM returned WHERE dead_at IS NULL)
    ) - (SELECT now FROM server)) * 1000)::double precision`;
}

function readLeasedJob(row: Readonly<Record<string, unknown>>): LeasedJob {
  const orderingKey = row["ordering_key"] === null ? undefined : String(row["ordering_key"]);
  return {
    id: fromColumn(String(row["id"])),
    handler: fromColumn(String(row["handler"])),
    head: fromColumn(String(row["head"])),
    body: row["body"] as Uint8Array,
    group: fromColumn(String(row["group_name"])),
    attempt: Number(row["attempts"]),
    crashes: Number(row["crashes"]),
    lease: writeLease({ seq: String(row["seq"]), hold: String(row["lease"]), orderingKey }),
  };
}

/** Extends leases; answers those that are lost. */
export async function renewLeases(database: PostgresDatabase, leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
  const held = readLeases(leases);
  const values = [held.map(({ seq }) => seq), held.map(({ hold }) => hold), leaseMs];
  const { rows } = await database.query(renewSql(database.schema), values, { prepared: true });
  return lostLeases(leases, new Set(readHolds(rows[0]?.["renewed"])));
}

function renewSql(schema: string): string {
  return `
    WITH locked AS MATERIALIZED (${lockSql(schema)}),
    held AS MATERIALIZED (
      SELECT seq, lease FROM unnest($1::bigint[], $2::integer[]) AS renewed (seq, lease) JOIN locked USING (seq, lease)
    ),
    renewed AS (
      UPDATE ${schema}.jobs SET due_at = clock_timestamp() + $3::double precision * interval '1 millisecond'
      WHERE seq = ANY (ARRAY(SELECT seq FROM held))
    )
    SELECT ${settledSql} AS renewed, ${durablySql}`;
}
