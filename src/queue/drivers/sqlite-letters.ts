import type { DatabaseTime, SqlCommand, SqlResult } from "../../sqlite/index.ts";
import type { JobPage, JobQuery } from "../queue.ts";
import { readStoredJob } from "./sqlite-rows.ts";

/** Makes dead letters due. */
export function retryCommand(ids: readonly string[] | "all", now: number): SqlCommand {
  return { statements: [{ sql: retrySql[scope(ids)], params: [now, ...idList(ids)], get: "changes" }], durable: true, isLong: true };
}

/** Deletes dead letters. */
export function purgeCommand(ids: readonly string[] | "all"): SqlCommand {
  return { statements: [{ sql: purgeSql[scope(ids)], params: idList(ids), get: "changes" }], durable: true, isLong: true };
}

/** How many rows the only statement changed. */
export function countedChanges([result]: readonly SqlResult[]): number {
  return result?.changes ?? 0;
}

/** Counts, and reads one job more than asked for, to know whether there is another page. */
export function listCommand({ state, limit = defaultLimit, after }: JobQuery): SqlCommand {
  return {
    statements: [
      { sql: countSql[state], params: [], get: "rows" },
      { sql: listSql[state], params: [Number(after ?? 0), limit === 0 ? 0 : limit + 1], get: "rows" },
    ],
    durable: false,
    isLong: true,
  };
}

/** The page that {@link listCommand} asked for. */
export function readPage({ limit = defaultLimit }: JobQuery, [counted, listed]: readonly SqlResult[], time: DatabaseTime): JobPage {
  const rows = (listed?.rows ?? []).slice(0, limit);
  const last = rows.at(-1);
  const hasMore = (listed?.rows.length ?? 0) > rows.length;
  return {
    jobs: rows.map((row) => readStoredJob(row, time)),
    total: Number(counted?.rows[0]?.total ?? 0),
    ...(hasMore && last ? { next: String(last.seq) } : {}),
  };
}

const defaultLimit = 100;

// One that has an ordering key waits until the trigger on `dead_at` has seen whose turn it is.
const retryAllSql = `
  UPDATE jobs SET dead_at = NULL, attempts = 0, crashes = 0, waiting = ordering_key IS NOT NULL, due_at = ? WHERE`;
const amongIds = "dead_at IS NOT NULL AND id IN (SELECT value FROM json_each(?))";
const retrySql = { all: `${retryAllSql} dead_at IS NOT NULL`, some: `${retryAllSql} ${amongIds}` };
const purgeSql = { all: "DELETE FROM jobs WHERE dead_at IS NOT NULL", some: `DELETE FROM jobs WHERE ${amongIds}` };

function scope(ids: readonly string[] | "all"): "all" | "some" {
  return ids === "all" ? "all" : "some";
}

function idList(ids: readonly string[] | "all"): readonly string[] {
  return ids === "all" ? [] : [JSON.stringify(ids)];
}

const isInState = { open: "dead_at IS NULL", dead: "dead_at IS NOT NULL" };
const count = "SELECT count(*) AS total FROM jobs WHERE";
const countSql = { open: `${count} ${isInState.open}`, dead: `${count} ${isInState.dead}` };
const listSql = { open: pageSql(isInState.open), dead: pageSql(isInState.dead) };

function pageSql(condition: string): string {
  return `
    SELECT jobs.seq, CAST(id AS BLOB) AS id, handler, CAST(head AS BLOB) AS head, body, group_name, attempts, due_at, reason, dead_at
    FROM jobs CROSS JOIN job_bodies ON job_bodies.seq = jobs.seq
    WHERE ${condition} AND jobs.seq > ? ORDER BY jobs.seq LIMIT ?`;
}
