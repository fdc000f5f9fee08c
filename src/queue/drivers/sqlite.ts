import { type Clock, systemClock } from "../../clock.ts";
import { ApplicationError, ConfigurationError } from "../../errors.ts";
import {
  type DatabaseOptions,
  type DatabaseTime,
  databaseTime,
  insertJobStatements,
  openDatabase,
  type SqlCommand,
  type SqliteDatabase,
  type SqlResult,
  type TimedDatabase,
} from "../../sqlite/index.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeaseRef, NewJob, Queue } from "../queue.ts";
import { claimCommand, leavesDue, readClaim, renewCommand } from "./sqlite-claim.ts";
import { countedChanges, listCommand, purgeCommand, readPage, retryCommand } from "./sqlite-letters.ts";
import { isHeld } from "./sqlite-rows.ts";

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
  return new SqliteQueue(databaseTime(database ? database.share() : openDatabase(options), clock));
}

class SqliteQueue implements Queue {
  readonly capabilities = { engine: "SQLite" };
  readonly location: string;
  readonly #timed: TimedDatabase;
  readonly #database: SqliteDatabase;

  constructor(timed: TimedDatabase) {
    this.#timed = timed;
    this.#database = timed.database;
    this.location = timed.database.location;
  }

  async send(job: NewJob): Promise<void> {
    await this.#run((time) => sendCommand(job, time));
    this.#database.announceJobs();
  }

  async claim(options: ClaimOptions): Promise<ClaimResult> {
    const { results, time } = await this.#run((now) => claimCommand(options, now));
    if (leavesDue(options, results)) this.#database.announceJobs();
    return readClaim(options, results, time);
  }

  async renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    const { results } = await this.#run((time) => renewCommand(leases, time.now() + leaseMs));
    return leases.filter((lease) => !isHeld(lease, results[0]));
  }

  watch(listener: () => void): () => void {
    return this.#database.onJobs(listener);
  }

  async list(query: JobQuery): Promise<JobPage> {
    const { results, time } = await this.#run(() => listCommand(query));
    return readPage(query, results, time);
  }

  async retry(ids: readonly string[] | "all"): Promise<number> {
    return this.#change((time) => retryCommand(ids, time.now()));
  }

  async purge(ids: readonly string[] | "all"): Promise<number> {
    return this.#change(() => purgeCommand(ids));
  }

  close(): Promise<void> {
    return this.#timed.close();
  }

  /** Changes dead letters, which may let those go on that wait behind them. */
  async #change(make: (time: DatabaseTime) => SqlCommand): Promise<number> {
    const { results } = await this.#run(make);
    const count = countedChanges(results);
    if (count > 0) this.#database.announceJobs();
    return count;
  }

  async #run(make: (time: DatabaseTime) => SqlCommand): Promise<{ readonly results: readonly SqlResult[]; readonly time: DatabaseTime }> {
    try {
      return await this.#timed.use(async (time) => ({ results: await this.#database.execute(make(time)), time }));
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw new ApplicationError("queue_unavailable", undefined, { cause: error });
    }
  }
}

function sendCommand(job: NewJob, time: DatabaseTime): SqlCommand {
  return { statements: insertJobStatements(job, { dueAt: job.dueAt ? time.toFile(job.dueAt) : time.now() }), durable: true };
}
