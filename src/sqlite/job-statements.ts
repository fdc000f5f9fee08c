import type { NewJob } from "../job.ts";
import type { SqlStatement, SqlValue } from "./command.ts";

/** A condition that a row of the same database must meet, such as `EXISTS (SELECT 1 FROM claims WHERE delivery = ?)`; its text is constant. */
export interface SqlGuard {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** When a new job is due, in the time of the file (`DatabaseTime.toFile`), and on what condition it is stored at all. */
export interface JobInsertion {
  readonly dueAt: number;
  readonly guard?: SqlGuard;
}

/**
 * The statements that store a job, unless one of this id is there or the guard is not met; in this order, and with no other
 * statement between them. The first one, with `get: "changes"`, tells whether it was stored. Whoever runs them outside of the
 * queue's `send` calls `SqliteDatabase.announceJobs` once they are committed, so that the queue's watchers hear of it.
 */
export function insertJobStatements(job: NewJob, { dueAt, guard = unguarded }: JobInsertion): readonly SqlStatement[] {
  return [
    job.ordering ? insertOrdered(job, job.ordering, dueAt, guard) : insertUnordered(job, dueAt, guard),
    { sql: insertBodySql, params: [job.head, job.body], get: "none" },
  ];
}

const unguarded: SqlGuard = { sql: "TRUE", params: [] };

function insertUnordered({ id, handler, group = "" }: NewJob, dueAt: number, guard: SqlGuard): SqlStatement {
  return {
    sql: `${insertJobSql} WHERE ${guard.sql} ${unlessThereSql}`,
    params: [id, handler, dueAt, group, ...guard.params],
    get: "changes",
  };
}

function insertOrdered(
  { id, handler, group = "" }: NewJob,
  { key, afterDead }: NonNullable<NewJob["ordering"]>,
  dueAt: number,
  guard: SqlGuard,
): SqlStatement {
  const params = [id, handler, dueAt, group, key, afterDead, key, ...guard.params];
  return { sql: `${insertOrderedSql} WHERE ${guard.sql} ${unlessThereSql}`, params, get: "changes" };
}

// A lease starts anywhere, so that a later job of this id never repeats one.
const startOfLease = "random() & 0x3fffffffffff";
const insertJobSql = `INSERT INTO jobs (lease, id, handler, due_at, group_name) SELECT ${startOfLease}, ?, ?, ?, ?`;
const insertOrderedSql = `
  INSERT INTO jobs (lease, id, handler, due_at, group_name, ordering_key, after_dead, waiting)
  SELECT ${startOfLease}, ?, ?, ?, ?, ?, ?, EXISTS (
    SELECT 1 FROM jobs WHERE ordering_key = ? AND (dead_at IS NULL OR after_dead = 'wait')
  )`;
const unlessThereSql = "ON CONFLICT (id) DO NOTHING";

// `changes` and `last_insert_rowid` are of the statement before, whatever its triggers did. Node 22 binds some empty arrays as NULL.
const insertBodySql = "INSERT INTO job_bodies (seq, head, body) SELECT last_insert_rowid(), ?, coalesce(?, x'') WHERE changes() > 0";
