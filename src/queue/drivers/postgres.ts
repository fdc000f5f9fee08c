import { type Clock, systemClock } from "../../clock.ts";
import { ApplicationError, ConfigurationError } from "../../errors.ts";
import { OpenCalls } from "../../open-calls.ts";
import { insertJobs, openPostgres, type PostgresClient, type PostgresDatabase, type PostgresPool } from "../../postgres/index.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeaseRef, NewJob, Queue, Settlement } from "../queue.ts";
import { type Claimed, claimJobs, renewLeases } from "./postgres-claim.ts";
import { lostLeases } from "./postgres-lease.ts";
import { listJobs, purgeDead, retryDead } from "./postgres-operate.ts";
import { freesNext, placeNewJobs, settleInOrder } from "./postgres-ordering.ts";
import { GroupSender } from "./postgres-sender.ts";

/** Where the jobs are. */
export interface PostgresQueueOptions {
  /** A connection string, or a `Pool` of `pg`, which stays open when the queue is closed. */
  readonly connection: string | PostgresPool;
  /** Schema of the tables, made if absent. Default `hookwright`. */
  readonly schema?: string;
  /** Only tells how far off a due time is; leases and due times go by the server's clock. */
  readonly clock?: Clock;
}

/** A queue on a database that is open already, and stays open when the queue is closed. */
export interface SharedPostgresQueueOptions {
  readonly database: PostgresDatabase;
  readonly clock?: Clock;
}

/** A queue in PostgreSQL. */
export interface PostgresQueue extends Queue {
  /**
   * Stores jobs in a transaction of the caller's: they are there when it commits, and only then. Whatever `query` of the client
   * throws comes as it is, since it is the caller's transaction that has failed.
   *
   * @param client A client of `pg` on which `BEGIN` has been run, or anything with its `query(text, values)`.
   */
  sendWithin(client: PostgresClient, jobs: NewJob | readonly NewJob[]): Promise<void>;
}

/**
 * Jobs in tables of a PostgreSQL server, for any number of processes on any number of machines.
 *
 * @throws ConfigurationError from every method: `closed`, `package_missing`, `database_newer`, or `invalid_options` where the server
 * lets us not in.
 * @throws ApplicationError `queue_unavailable` from every method where the database failed or did not answer.
 */
export function postgresQueue(options: PostgresQueueOptions | SharedPostgresQueueOptions): PostgresQueue {
  const database = "database" in options ? options.database.share() : openPostgres(options);
  return new PostgresQueueDriver(database, options.clock ?? systemClock);
}

class PostgresQueueDriver implements PostgresQueue {
  readonly capabilities: Partial<QueueCapabilities> = { engine: "PostgreSQL" };
  readonly #database: PostgresDatabase;
  readonly #now: () => Date;
  readonly #sender: GroupSender;
  /** Jobs with an ordering key: one group at a time, so that no later group overtakes an earlier one. */
  readonly #orderedSender: GroupSender;
  readonly #calls = new OpenCalls("The PostgreSQL queue");

  constructor(database: PostgresDatabase, clock: Clock) {
    this.#database = database;
    this.#now = () => clock.now();
    this.#sender = new GroupSender((jobs) => this.#insert(jobs), { groupsAtOnce: 2 });
    this.#orderedSender = new GroupSender((jobs) => this.#insert(jobs), { groupsAtOnce: 1 });
  }

  get location(): unknown {
    return this.#database.location;
  }

  send(job: NewJob): Promise<void> {
    return this.#run(() => (job.ordering ? this.#orderedSender : this.#sender).send(job));
  }

  async sendWithin(client: PostgresClient, jobs: NewJob | readonly NewJob[]): Promise<void> {
    this.#calls.check();
    const list = "id" in jobs ? [jobs] : jobs;
    // The tables may have to be made first; not in the caller's transaction, which would lock them. Once they are there this takes no
    // connection: callers that hold all of a pool's would wait for each other.
    await this.#run(() => this.#database.ready());
    await insertJobs((text, values) => client.query(text, values()), list, this.#target({ announce: true }));
  }

  claim(options: ClaimOptions): Promise<ClaimResult> {
    return this.#run(async () => {
      const settle = options.settle ?? [];
      const inOrder = settle.filter(freesNext);
      const settled = inOrder.length > 0 ? await settleInOrder(this.#database, inOrder, this.#now) : [];
      if (settled.length > 0 && options.limit === 0) this.#database.announceJobs();
      const rest = inOrder.length > 0 ? settle.filter((each) => !freesNext(each)) : settle;
      const claimed = await this.#claimAndPlace({ ...options, settle: rest });
      return this.#toResult(claimed, settle, [...settled, ...claimed.settled]);
    });
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#run(() => renewLeases(this.#database, leases, leaseMs));
  }

  watch(listener: () => void): () => void {
    this.#calls.check();
    return this.#database.watchJobs(listener);
  }

  list(query: JobQuery): Promise<JobPage> {
    return this.#run(() => listJobs(this.#database, query, this.#now));
  }

  retry(ids: readonly string[] | "all"): Promise<number> {
    return this.#run(async () => {
      const count = await retryDead(this.#database, ids);
      if (count > 0) this.#database.announceJobs();
      return count;
    });
  }

  purge(ids: readonly string[] | "all"): Promise<number> {
    return this.#run(async () => {
      const count = await purgeDead(this.#database, ids);
      if (count > 0) this.#database.announceJobs();
      return count;
    });
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#database.close());
  }

  async #insert(jobs: readonly NewJob[]): Promise<void> {
    const run = (text: string, values: () => unknown[]) => this.#database.query(text, values, { prepared: true });
    await insertJobs(run, jobs, this.#target({ announce: false }));
    this.#database.announceJobs();
  }

  #target({ announce }: { readonly announce: boolean }) {
    return { schema: this.#database.schema, time: this.#database.time, now: this.#now, announce };
  }

  /** Claims. New jobs with ordering keys, which may be due before others, are given their places first. */
  async #claimAndPlace(options: ClaimOptions): Promise<Claimed> {
    const claimed = await claimJobs(this.#database, options, { now: this.#now, beforeNew: false });
    if (!claimed.hasNew || options.limit === 0) return claimed;
    await placeNewJobs(this.#database);
    const again = await claimJobs(this.#database, { ...options, settle: [] }, { now: this.#now, beforeNew: true });
    return { ...again, settled: claimed.settled };
  }

  #toResult(claimed: Claimed, settle: readonly Settlement[], settled: readonly string[]): ClaimResult {
    const nextDueMs = claimed.hasNew ? 0 : claimed.nextDueMs;
    return {
      jobs: claimed.jobs,
      lost: settle.length === 0 ? [] : lostLeases(settle, new Set(settled)),
      ...(nextDueMs === undefined ? {} : { nextDueAt: new Date(this.#now().getTime() + Math.ceil(nextDueMs)) }),
    };
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#calls.run(work);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw new ApplicationError("queue_unavailable", undefined, { cause: error instanceof ApplicationError ? error.cause : error });
    }
  }
}
