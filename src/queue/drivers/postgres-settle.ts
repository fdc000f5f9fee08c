import { toColumn } from "../../postgres/index.ts";
import type { Settlement } from "../queue.ts";
import { newHoldSql, readLeases } from "./postgres-lease.ts";

/** Settlements as columns: the first six parameters of a statement that begins with {@link settlingSql}. */
export function settlementColumns(settlements: readonly Settlement[], now: Date): unknown[] {
  const held = readLeases(settlements);
  return [
    held.map(({ seq }) => seq),
    held.map(({ hold }) => hold),
    held.map(({ ref }) => ref.outcome),
    held.map(({ ref }) => delayMs(ref, now)),
    held.map(({ ref }) => ("reason" in ref ? toColumn(ref.reason) : null)),
  ];
}

function delayMs(settlement: Settlement, now: Date): number {
  const dueAt = settlement.outcome === "retry" || settlement.outcome === "release" ? settlement.dueAt : undefined;
  return dueAt ? dueAt.getTime() - now.getTime() : 0;
}

/**
 * The part of a statement that settles: `held` are the settlements under leases that still hold, `returned` the jobs that stay.
 */
export function settlingSql(schema: string): string {
  return `
    locked AS MATERIALIZED (${lockSql(schema)}),
    held AS MATERIALIZED (
      SELECT seq, lease, outcome, delay_ms, settled.reason
      FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::double precision[], $5::text[])
        AS settled (seq, lease, outcome, delay_ms, reason)
      JOIN locked USING (seq, lease)
    ),
    acknowledged AS (
      DELETE FROM ${schema}.jobs WHERE seq = ANY (ARRAY(SELECT seq FROM held WHERE outcome = 'acknowledge'))
    ),
    forgotten AS (
      DELETE FROM ${schema}.job_contents WHERE seq = ANY (ARRAY(SELECT seq FROM held WHERE outcome = 'acknowledge'))
    ),
    returned AS (${returnSql(schema)})`;
}

function returnSql(schema: string): string {
  return `
      UPDATE ${schema}.jobs SET
        lease = ${newHoldSql},
        is_held = false,
        due_at = (SELECT now FROM server) + held.delay_ms * interval '1 millisecond',
        dead_at = CASE held.outcome WHEN 'dead' THEN (SELECT now FROM server) END,
        place = CASE WHEN held.outcome = 'dead' AND ordering_key IS NOT NULL AND NOT waits_for_dead THEN 3 ELSE place END,
        attempts = CASE held.outcome WHEN 'release' THEN attempts - 1 ELSE attempts END,
        crashes = CASE held.outcome WHEN 'release' THEN crashes ELSE 0 END,
        reason = coalesce(held.reason, jobs.reason)
      FROM held
      WHERE jobs.seq = ANY (ARRAY(SELECT seq FROM held WHERE outcome <> 'acknowledge')) AND jobs.seq = held.seq
      RETURNING jobs.due_at, jobs.dead_at`;
}

/**
 * SQL that locks the rows whose numbers are the first parameter, in their order: as everywhere where a statement may wait for a
 * row, so that no two wait for each other. By `= ANY` and not by a join, since a plan for that which was made while the queue was empty
 * may read the whole table for every job.
 */
export function lockSql(schema: string): string {
  return `SELECT seq, lease FROM ${schema}.jobs WHERE seq = ANY ($1::bigint[]) AND dead_at IS NULL ORDER BY seq FOR UPDATE`;
}

/** SQL for the holds that were settled, as {@link readHolds} reads them. */
export const settledSql = "ARRAY(SELECT seq || '.' || lease FROM held)";
