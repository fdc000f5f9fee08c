import type { DatabaseTime, SqlCommand, SqlResult, SqlStatement } from "../../sqlite/index.ts";
import type { ClaimOptions, ClaimResult, LeaseRef, Settlement } from "../queue.ts";
import { isHeld, leaseKey, readLeasedJob } from "./sqlite-rows.ts";

/**
 * Settles and leases in one transaction. An end that a power cut undoes means another run, which a queue that promises "at
 * least once" may do; so nothing here waits for the disk.
 */
export function claimCommand({ limit, leaseMs, settle = [], except = [] }: ClaimOptions, time: DatabaseTime): SqlCommand {
  const now = time.now();
  const acknowledged = settle.filter((each) => each.outcome === "acknowledge");
  const returned = settle.filter((each) => each.outcome !== "acknowledge");
  const settling: readonly SqlStatement[] = [
    { sql: acknowledgeSql, params: [JSON.stringify(acknowledged.map(leaseKey))], get: "rows" },
    { sql: returnSql, params: [JSON.stringify(returned.map((each) => returnValues(each, time, now)))], get: "rows" },
  ];
  const leasing = except.length > 0 ? leasingSql.someGroups : leasingSql.allGroups;
  const due = except.length > 0 ? [JSON.stringify(except), now, limit, limit] : [now, limit];
  const leasingStatements: readonly SqlStatement[] = [
    { sql: leasing.read, params: due, get: "rows" },
    { sql: leasing.lease, params: [...due, now + leaseMs], get: "none" },
    { sql: nextDueSql, params: [now], get: "rows" },
  ];
  return { statements: limit > 0 ? [...settling, ...leasingStatements] : settling, durable: false };
}

/** What the command gave. */
export function readClaim({ settle = [] }: ClaimOptions, results: readonly SqlResult[], time: DatabaseTime): ClaimResult {
  const [acknowledged, returned, leased, , next] = results;
  const nextDueAt = next?.rows[0]?.next_due_at;
  return {
    jobs: (leased?.rows ?? []).map(readLeasedJob),
    lost: settle.filter((each) => !isHeld(each, each.outcome === "acknowledge" ? acknowledged : returned)),
    ...(typeof nextDueAt === "number" ? { nextDueAt: time.toDate(nextDueAt) } : {}),
  };
}

/** Whether it may have made a job due that it did not take: the next one of an ordering key, for which it had no room. */
export function leavesDue({ limit, except = [] }: ClaimOptions, [acknowledged, returned, leased]: readonly SqlResult[]): boolean {
  const hasTakenAll = except.length === 0 && (leased?.rows.length ?? 0) < limit;
  return !hasTakenAll && [acknowledged, returned].some((settled) => settled?.rows.some(({ ordered }) => ordered === 1));
}

/** Extends leases; answers the rows that it found. */
export function renewCommand(leases: readonly LeaseRef[], until: number): SqlCommand {
  return { statements: [{ sql: renewSql, params: [until, JSON.stringify(leases.map(leaseKey))], get: "rows" }], durable: false };
}

const acknowledgeSql = `
  DELETE FROM jobs WHERE seq IN (
    SELECT jobs.seq FROM json_each(?) AS held JOIN jobs ON jobs.seq = held.value ->> 0
    WHERE jobs.lease = held.value ->> 1 AND jobs.dead_at IS NULL
  ) RETURNING seq, lease, ordering_key IS NOT NULL AS ordered`;

// The lease moves on, so that a second settlement under the same one is refused. It always sets `dead_at`, on which a trigger relies.
const returnSql = `
  UPDATE jobs SET lease = lease + 1, held = 0, due_at = coalesce(held.value ->> 2, due_at), dead_at = held.value ->> 3,
    attempts = attempts - (held.value ->> 4), crashes = crashes * (held.value ->> 5), reason = coalesce(held.value ->> 6, reason)
  FROM json_each(?) AS held
  WHERE jobs.seq = held.value ->> 0 AND jobs.lease = held.value ->> 1 AND jobs.dead_at IS NULL
  RETURNING jobs.seq, jobs.lease - 1 AS lease, ordering_key IS NOT NULL AS ordered`;

const isReady = "dead_at IS NULL AND waiting = 0";

const dueSql = `
  WITH due (due_at, seq) AS MATERIALIZED (
    SELECT due_at, seq FROM jobs INDEXED BY jobs_due WHERE ${isReady} AND due_at <= ? ORDER BY due_at, seq LIMIT ?
  )`;

/** The groups, one step each, and of each that is not left out so many of its due jobs that no other can be among the first. */
const dueOfSomeGroupsSql = `
  WITH RECURSIVE groups (name) AS (
    SELECT min(group_name) FROM jobs INDEXED BY jobs_due_by_group WHERE ${isReady}
    UNION ALL
    SELECT (SELECT min(group_name) FROM jobs INDEXED BY jobs_due_by_group WHERE ${isReady} AND group_name > name)
    FROM groups WHERE name IS NOT NULL
  ), due (due_at, seq) AS MATERIALIZED (
    SELECT jobs.due_at, jobs.seq FROM groups CROSS JOIN jobs
    WHERE name NOT IN (SELECT value FROM json_each(?)) AND jobs.seq IN (
      SELECT seq FROM jobs INDEXED BY jobs_due_by_group
      WHERE ${isReady} AND group_name = name AND due_at <= ? ORDER BY due_at, seq LIMIT ?
    )
    ORDER BY jobs.due_at, jobs.seq LIMIT ?
  )`;

const readSql = `
  SELECT jobs.seq, CAST(id AS BLOB) AS id, handler, CAST(head AS BLOB) AS head, body, group_name, attempts, crashes, held, lease
  FROM due CROSS JOIN jobs ON jobs.seq = due.seq CROSS JOIN job_bodies ON job_bodies.seq = jobs.seq
  ORDER BY due.due_at, due.seq`;
const leaseSql = `
  UPDATE jobs SET attempts = attempts + 1, crashes = crashes + held, held = 1, lease = lease + 1, due_at = ?
  WHERE seq IN (SELECT seq FROM due)`;
const leasingSql = {
  allGroups: { read: dueSql + readSql, lease: dueSql + leaseSql },
  someGroups: { read: dueOfSomeGroupsSql + readSql, lease: dueOfSomeGroupsSql + leaseSql },
};

const nextDueSql = `SELECT min(due_at) AS next_due_at FROM jobs INDEXED BY jobs_due WHERE ${isReady} AND due_at > ?`;

const renewSql = `
  UPDATE jobs SET due_at = ? FROM json_each(?) AS held
  WHERE jobs.seq = held.value ->> 0 AND jobs.lease = held.value ->> 1 AND jobs.dead_at IS NULL
  RETURNING jobs.seq, jobs.lease`;

/** Due time, time of death, attempts to take off, factor of the crashes, reason. */
function returnValues(settlement: Exclude<Settlement, { outcome: "acknowledge" }>, time: DatabaseTime, now: number): readonly unknown[] {
  const key = leaseKey(settlement);
  switch (settlement.outcome) {
    case "release":
      return [...key, settlement.dueAt ? time.toFile(settlement.dueAt) : now, null, 1, 1, null];
    case "retry":
      return [...key, time.toFile(settlement.dueAt), null, 0, 0, settlement.reason];
    case "dead":
      return [...key, now, now, 0, 1, settlement.reason];
    default:
      return settlement satisfies never;
  }
}
