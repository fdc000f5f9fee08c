import type { JobOrdering, NewJob } from "../job.ts";
import type { QueueCapabilities } from "./capabilities.ts";

export type { JobOrdering, NewJob };

/** A job in a worker's hands until `leaseMs` have passed. `lease` tells this hold from every earlier and later one. */
export interface LeasedJob {
  readonly id: string;
  readonly handler: string;
  readonly head: string;
  readonly body: Uint8Array;
  /** What was given as {@link NewJob.group}, or the empty text. */
  readonly group: string;
  /** How often the job has been claimed, this time included: 1 at the first. A crash counts. */
  readonly attempt: number;
  /** How many holders in a row, up to this claim, let their lease run out without settling it: perhaps the job ended them. */
  readonly crashes: number;
  readonly lease: string;
}

/** A hold on a job. */
export type LeaseRef = Pick<LeasedJob, "id" | "lease">;

/**
 * One of the three ends of a lease, or its return unused: `release` gives the attempt back and makes the job due at once, or
 * at `dueAt`; the count of crashes stays.
 */
export type Settlement =
  | (LeaseRef & { readonly outcome: "acknowledge" })
  | (LeaseRef & { readonly outcome: "release"; readonly dueAt?: Date })
  | (LeaseRef & { readonly outcome: "retry"; readonly dueAt: Date; readonly reason: string })
  | (LeaseRef & { readonly outcome: "dead"; readonly reason: string });

/** A job as an operator sees it. */
export interface StoredJob {
  readonly id: string;
  readonly handler: string;
  readonly head: string;
  readonly body: Uint8Array;
  readonly group: string;
  readonly attempts: number;
  /** When it is due; while a worker holds it, when the lease runs out. */
  readonly dueAt: Date;
  /** Why the last attempt failed. */
  readonly reason?: string;
  /** When it became a dead letter. */
  readonly deadAt?: Date;
}

/** Which jobs to list. `open` are those still to be done, leased ones included. */
export interface JobQuery {
  readonly state: "open" | "dead";
  /** Default 100; 0 counts only. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

/** One page of jobs, oldest first, and how many there are in all. */
export interface JobPage {
  readonly jobs: readonly StoredJob[];
  readonly total: number;
  readonly next?: string;
}

/** What to claim. Settlements ride along, so that a busy worker pays for one transaction and not two. */
export interface ClaimOptions {
  /** Largest number of jobs; 0 only settles. */
  readonly limit: number;
  readonly leaseMs: number;
  readonly settle?: readonly Settlement[];
  /** Groups of which no job is handed out this time. */
  readonly except?: readonly string[];
}

/** What a claim gave. */
export interface ClaimResult {
  /** Jobs that were due, earliest due first. */
  readonly jobs: readonly LeasedJob[];
  /** Settlements refused because the lease had passed to another worker or the job is gone. */
  readonly lost: readonly LeaseRef[];
  /** When the next job that is not due yet becomes so, if there is one. */
  readonly nextDueAt?: Date;
}

/**
 * A queue of jobs over some engine. What every driver promises, and the conformance suite checks; where an engine cannot keep
 * a promise, the driver's `capabilities` say so:
 *
 * 1. `send` resolves only when the job would survive the crash of this process, and rejects when it may not have been
 *    stored. (The `memory` driver keeps this within the process only.)
 * 2. At least once: a job leaves the queue only by `acknowledge` or `purge`; a lease that runs out makes it due again.
 * 3. A lease is exclusive while it lasts. A settlement or renewal under an older lease is refused and changes nothing.
 * 4. Jobs come in the order of their due times; those due at the same time in the order they were sent.
 * 5. Every job's id, head and body come back byte for byte.
 * 6. Of jobs with one ordering key, the one sent first is handed out, and the next only when that has been acknowledged, purged or,
 *    by its policy, has become a dead letter. Other keys, and jobs without a key, do not wait.
 * 7. After `close`, every method rejects with `closed`; `close` waits for what is under way and may be called twice.
 */
export interface Queue {
  /** What the engine cannot do. Default: it can do everything. */
  readonly capabilities?: Partial<QueueCapabilities>;
  /** Which database the jobs are in, where that matters: a store of the same location commits jobs together with its facts. */
  readonly location?: unknown;
  /** Stores a job. Calls that come together share one transaction. */
  send(job: NewJob): Promise<void>;
  /** Settles, then leases due jobs. With neither to do, it rejects where it can be told without more that the engine cannot be used. */
  claim(options: ClaimOptions): Promise<ClaimResult>;
  /** Extends leases to `leaseMs` from now; answers those that are lost. */
  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]>;
  /** Calls back when a job may have become due through this process. Returns what stops it. */
  watch(listener: () => void): () => void;
  /**
   * Lists and counts jobs.
   *
   * @throws ConfigurationError `unsupported` where the engine cannot.
   */
  list(query: JobQuery): Promise<JobPage>;
  /** Makes dead letters due again with a fresh count of attempts; answers how many. */
  retry(ids: readonly string[] | "all"): Promise<number>;
  /** Deletes dead letters for good; answers how many. */
  purge(ids: readonly string[] | "all"): Promise<number>;
  close(): Promise<void>;
}
