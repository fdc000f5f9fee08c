import { type Clock, systemClock } from "../../clock.ts";
import { ApplicationError, ConfigurationError } from "../../errors.ts";
import {
  type DatabaseOptions,
  openDatabase,
  type SqlCommand,
  type SqliteDatabase,
  type SqlResult,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from "../../sqlite/index.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeasedJob, LeaseRef, NewJob, Queue, Settlement, StoredJob } from "../queue.ts";

/** A file, or a database that is already open and stays open when the queue is closed. */
export interface SqliteQueueOptions extends DatabaseOptions {
  readonly database?: SqliteDatabase;
  readonly clock?: Clock;
}

/**
 * The embedded queue: jobs in a SQLite file on a local disk, for any number of processes of one machine.
 *
 * @throws ConfigurationError from every method: `closed`, `database_newer`, or `invalid_options` where the file cannot be used.
 * @throws ApplicationError `queue_unavailable` from every method where the database failed.
 */
export function sqliteQueue({ database, clock = systemClock, ...options }: SqliteQueueOptions = {}): Queue {
  return new SqliteQueue(database ? database.share() : openDatabase(options), clock);
}

class SqliteQueue implements Queue {
  readonly #database: SqliteDatabase;
  readonly #clock: Clock;
  readonly #listeners = new Set<{ readonly call: () => void }>();

  constructor(database: SqliteDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async send(job: NewJob): Promise<void> {
    await this.#run(sendCommand(job, this.#now()));
    this.#announce();
  }

  async claim(options: ClaimOptions): Promise<ClaimResult> {
    const settle = options.settle ?? [];
    const [acknowledged, returned, leased, , next] = await this.#run(claimCommand(settle, options, this.#now()));
    const nextDueAt = readNextDueAt(next);
    return {
      jobs: (leased?.rows ?? []).map(readLeasedJob),
      lost: settle.filter((each) => !isHeld(each, each.outcome === "acknowledge" ? acknowledged : returned)),
      ...(nextDueAt ? { nextDueAt } : {}),
    };
  }

  async renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    const [renewed] = await this.#run(renewCommand(leases, this.#now() + leaseMs));
    return leases.filter((lease) => !isHeld(lease, renewed));
  }

  watch(listener: () => void): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async list(query: JobQuery): Promise<JobPage> {
    return readPage(query, await this.#run(listCommand(query)));
  }

  async retry(ids: readonly string[] | "all"): Promise<number> {
    const count = countedChanges(await this.#run(retryCommand(ids, this.#now())));
    if (count > 0) this.#announce();
    return count;
  }

  async purge(ids: readonly string[] | "all"): Promise<number> {
    return countedChanges(await this.#run(purgeCommand(ids)));
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#database.close();
  }

  #announce(): void {
    for (const { call } of this.#listeners) call();
  }

  #now(): number {
    return this.#clock.now().getTime();
  }

  async #run(command: SqlCommand): Promise<readonly SqlResult[]> {
    try {
      return await this.#database.execute(command);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw new ApplicationError("queue_unavailable", undefined, { cause: error });
    }
  }
}

const defaultLimit = 100;

/** Stores a job, unless one of this id is there. A lease starts anywhere, so that a later job of this id never repeats one. */
function sendCommand(job: NewJob, now: number): SqlCommand {
  return {
    statements: [
      { sql: insertJobSql, params: [job.id, job.handler, job.dueAt?.getTime() ?? now], get: "none" },
      { sql: insertBodySql, params: [job.head, job.body], get: "none" },
    ],
    durable: true,
  };
}

const insertJobSql = `
  INSERT INTO jobs (id, handler, due_at, lease) VALUES (?, ?, ?, random() & 0x3fffffffffff) ON CONFLICT (id) DO NOTHING`;

// Node 22 binds some empty arrays as NULL.
const insertBodySql = "INSERT INTO job_bodies (seq, head, body) SELECT last_insert_rowid(), ?, coalesce(?, x'') WHERE changes() > 0";

/**
 * Settles and leases in one transaction. An end that a power cut undoes means another run, which a queue that promises "at
 * least once" may do; so nothing here waits for the disk.
 */
function claimCommand(settle: readonly Settlement[], { limit, leaseMs }: ClaimOptions, now: number): SqlCommand {
  const acknowledged = settle.filter((each) => each.outcome === "acknowledge");
  const returned = settle.filter((each) => each.outcome !== "acknowledge");
  const settling: readonly SqlStatement[] = [
    { sql: acknowledgeSql, params: [JSON.stringify(acknowledged.map(leaseKey))], get: "rows" },
    { sql: returnSql, params: [JSON.stringify(returned.map((each) => returnValues(each, now)))], get: "rows" },
  ];
  const leasing: readonly SqlStatement[] = [
    { sql: readDueSql, params: [now, limit], get: "rows" },
    { sql: leaseDueSql, params: [now + leaseMs, now, limit], get: "none" },
    { sql: nextDueSql, params: [now], get: "rows" },
  ];
  return { statements: limit > 0 ? [...settling, ...leasing] : settling, durable: false };
}

const acknowledgeSql = `
  DELETE FROM jobs WHERE seq IN (
    SELECT jobs.seq FROM json_each(?) AS held JOIN jobs ON jobs.seq = held.value ->> 0
    WHERE jobs.lease = held.value ->> 1 AND jobs.dead_at IS NULL
  ) RETURNING seq, lease`;

// The lease moves on, so that a second settlement under the same one is refused.
const returnSql = `
  UPDATE jobs SET lease = lease + 1, due_at = coalesce(held.value ->> 2, due_at), dead_at = held.value ->> 3,
    attempts = attempts - (held.value ->> 4), reason = coalesce(held.value ->> 5, reason)
  FROM json_each(?) AS held
  WHERE jobs.seq = held.value ->> 0 AND jobs.lease = held.value ->> 1 AND jobs.dead_at IS NULL
  RETURNING jobs.seq, jobs.lease - 1 AS lease`;

const readDueSql = `
  SELECT jobs.seq, CAST(id AS BLOB) AS id, handler, CAST(head AS BLOB) AS head, body, attempts, lease
  FROM jobs CROSS JOIN job_bodies ON job_bodies.seq = jobs.seq
  WHERE dead_at IS NULL AND due_at <= ? ORDER BY due_at, jobs.seq LIMIT ?`;

const leaseDueSql = `
  UPDATE jobs SET attempts = attempts + 1, lease = lease + 1, due_at = ? WHERE seq IN (
    SELECT seq FROM jobs WHERE dead_at IS NULL AND due_at <= ? ORDER BY due_at, seq LIMIT ?
  )`;

const nextDueSql = "SELECT min(due_at) AS next_due_at FROM jobs WHERE dead_at IS NULL AND due_at > ?";

function returnValues(settlement: Exclude<Settlement, { outcome: "acknowledge" }>, now: number): readonly unknown[] {
  const key = leaseKey(settlement);
  switch (settlement.outcome) {
    case "release":
      return [...key, now, null, 1, null];
    case "retry":
      return [...key, settlement.dueAt.getTime(), null, 0, settlement.reason];
    case "dead":
      return [...key, now, now, 0, settlement.reason];
    default:
      return settlement satisfies never;
  }
}

/** When the next job becomes due, where the statement ran and found one. */
function readNextDueAt(result: SqlResult | undefined): Date | undefined {
  const nextDueAt = result?.rows[0]?.next_due_at;
  return typeof nextDueAt === "number" ? new Date(nextDueAt) : undefined;
}

/** Extends leases to a time; answers the rows that it found. */
function renewCommand(leases: readonly LeaseRef[], until: number): SqlCommand {
  return { statements: [{ sql: renewSql, params: [until, JSON.stringify(leases.map(leaseKey))], get: "rows" }], durable: false };
}

const renewSql = `
  UPDATE jobs SET due_at = ? FROM json_each(?) AS held
  WHERE jobs.seq = held.value ->> 0 AND jobs.lease = held.value ->> 1 AND jobs.dead_at IS NULL
  RETURNING jobs.seq, jobs.lease`;

/** Makes dead letters due. */
function retryCommand(ids: readonly string[] | "all", now: number): SqlCommand {
  return { statements: [{ sql: retrySql[scope(ids)], params: [now, ...idList(ids)], get: "changes" }], durable: true };
}

/** Deletes dead letters. */
function purgeCommand(ids: readonly string[] | "all"): SqlCommand {
  return { statements: [{ sql: purgeSql[scope(ids)], params: idList(ids), get: "changes" }], durable: true };
}

const amongIds = "dead_at IS NOT NULL AND id IN (SELECT value FROM json_each(?))";
const retryAllSql = "UPDATE jobs SET dead_at = NULL, attempts = 0, due_at = ? WHERE";
const retrySql = { all: `${retryAllSql} dead_at IS NOT NULL`, some: `${retryAllSql} ${amongIds}` };
const purgeSql = { all: "DELETE FROM jobs WHERE dead_at IS NOT NULL", some: `DELETE FROM jobs WHERE ${amongIds}` };

function scope(ids: readonly string[] | "all"): "all" | "some" {
  return ids === "all" ? "all" : "some";
}

function idList(ids: readonly string[] | "all"): readonly string[] {
  return ids === "all" ? [] : [JSON.stringify(ids)];
}

/** How many rows the only statement changed. */
function countedChanges([result]: readonly SqlResult[]): number {
  return result?.changes ?? 0;
}

/** Counts, and reads one job more than asked for, to know whether there is another page. */
function listCommand({ state, limit = defaultLimit, after }: JobQuery): SqlCommand {
  return {
    statements: [
      { sql: countSql[state], params: [], get: "rows" },
      { sql: listSql[state], params: [Number(after ?? 0), limit === 0 ? 0 : limit + 1], get: "rows" },
    ],
    durable: false,
  };
}

const isInState = { open: "dead_at IS NULL", dead: "dead_at IS NOT NULL" };
const count = "SELECT count(*) AS total FROM jobs WHERE";
const countSql = { open: `${count} ${isInState.open}`, dead: `${count} ${isInState.dead}` };
const listSql = { open: pageSql(isInState.open), dead: pageSql(isInState.dead) };

function pageSql(condition: string): string {
  return `
    SELECT jobs.seq, CAST(id AS BLOB) AS id, handler, CAST(head AS BLOB) AS head, body, attempts, due_at, reason, dead_at
    FROM jobs CROSS JOIN job_bodies ON job_bodies.seq = jobs.seq
    WHERE ${condition} AND jobs.seq > ? ORDER BY jobs.seq LIMIT ?`;
}

/** The page that {@link listCommand} asked for. */
function readPage({ limit = defaultLimit }: JobQuery, [counted, listed]: readonly SqlResult[]): JobPage {
  const rows = (listed?.rows ?? []).slice(0, limit);
  const last = rows.at(-1);
  const hasMore = (listed?.rows.length ?? 0) > rows.length;
  return {
    jobs: rows.map(readStoredJob),
    total: Number(counted?.rows[0]?.total ?? 0),
    ...(hasMore && last ? { next: String(last.seq) } : {}),
  };
}

/** A lease names the row and the hold; both are numbers, so that ids need not travel through JSON. */
function leaseKey({ lease }: LeaseRef): readonly number[] {
  const [seq, hold] = lease.split(".");
  return [Number(seq), Number(hold)];
}

/** Whether a statement that answers the rows that it found under a lease found this one. */
function isHeld(lease: LeaseRef, found: SqlResult | undefined): boolean {
  const [seq, hold] = leaseKey(lease);
  return found?.rows.some((row) => row.seq === seq && row.lease === hold) ?? false;
}

/** A job that was read just before it was leased, hence the additions. */
function readLeasedJob(row: SqlRow): LeasedJob {
  return {
    id: readText(row.id),
    handler: String(row.handler),
    head: readText(row.head),
    body: readBytes(row.body),
    attempt: Number(row.attempts) + 1,
    lease: `${row.seq}.${Number(row.lease) + 1}`,
  };
}

/** A job as an operator sees it. */
function readStoredJob(row: SqlRow): StoredJob {
  return {
    id: readText(row.id),
    handler: String(row.handler),
    head: readText(row.head),
    body: readBytes(row.body),
    attempts: Number(row.attempts),
    dueAt: new Date(Number(row.due_at)),
    ...(typeof row.reason === "string" ? { reason: row.reason } : {}),
    ...(typeof row.dead_at === "number" ? { deadAt: new Date(row.dead_at) } : {}),
  };
}

/** Text is read as bytes, because Node 22 cuts a string column off at its first NUL. */
function readText(value: SqlValue | undefined): string {
  return Buffer.from(readBytes(value)).toString();
}

function readBytes(value: SqlValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
