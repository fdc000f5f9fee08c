import { loadPeer } from "../../peer.ts";
import type { BullJob, NewBullJob } from "./redis-job.ts";

/** The commands of an `ioredis` client that are used here. */
export interface RedisClient {
  readonly status: string;
  readonly options: { readonly keyPrefix?: string };
  connect(): Promise<void>;
  quit(): Promise<unknown>;
  disconnect(): void;
  on(event: "error", listener: (error: unknown) => void): unknown;
  on(event: "ready" | "end", listener: () => void): unknown;
  off(event: "ready", listener: () => void): unknown;
  defineCommand(name: string, definition: { readonly numberOfKeys: number; readonly lua: string }): void;
  info(section: string): Promise<string>;
  bzpopmin(key: string, timeoutSeconds: number): Promise<readonly [key: string, member: string, score: string] | null>;
  zadd(key: string, score: string, member: string): Promise<unknown>;
  zcard(key: string): Promise<number>;
  zcount(key: string, from: string, to: string): Promise<number>;
  zrange(key: string, from: number, to: number): Promise<readonly string[]>;
  zrank(key: string, member: string): Promise<number | null>;
  zscore(key: string, member: string): Promise<string | null>;
  lrange(key: string, from: number, to: number): Promise<readonly string[]>;
  llen(key: string): Promise<number>;
  lpos(key: string, element: string): Promise<number | null>;
  pttl(key: string): Promise<number>;
}

/** A claim's answer: a job with its id, or nothing and when the next delayed job is due, 0 where there is none. */
export type BullClaim = readonly [job: BullJob | null | undefined, id: string | 0, limitedMs: number, nextDueAt: number] | readonly [];

/** What BullMQ's `RedisQueueBackend` does for its own `Queue` and `Worker`: the members that are used here. */
export interface BullBackend {
  addJob(job: NewBullJob, jobId: string): Promise<string>;
  getJobData(jobId: string): Promise<BullJob | undefined>;
  getCounts(states: readonly string[]): Promise<readonly number[]>;
  moveToActive(token: string): Promise<BullClaim>;
  moveStalledJobsToWait(): Promise<readonly string[]>;
  extendLock(jobId: string, token: string, durationMs: number): Promise<number>;
  moveToCompletedArgs(job: SettledBullJob, value: string, shouldRemove: true, token: string, fetchNext: false): readonly unknown[];
  moveToFailedArgs(
    ...[job, reason, shouldRemove, token, fetchNext, fields]: readonly [SettledBullJob, string, false, string, false, BullFields?]
  ): readonly unknown[];
  moveToFinished(jobId: string, args: readonly unknown[]): Promise<unknown>;
  moveToDelayed(jobId: string, now: number, delayMs: number, token: string, options: DelayOptions): Promise<unknown>;
  retryJob(jobId: string, isFirst: boolean, token: string, options: { readonly fieldsToUpdate: BullFields }): Promise<void>;
  retryFinishedJob(
    job: SettledBullJob,
    state: "failed",
    options: { readonly resetAttemptsMade: true; readonly resetAttemptsStarted: true },
  ): Promise<void>;
  toKey(type: string): string;
}

/** A job, as far as BullMQ looks at it when it ends. */
export interface SettledBullJob {
  readonly id: string;
  readonly opts: { readonly attempts?: number };
}

/** Members of a job's hash, by BullMQ's short names: `ats` attempts started, `atm` attempts made, `stc` times stalled. */
export type BullFields = Readonly<Partial<Record<"ats" | "atm" | "stc", number> & Record<"failedReason", string>>>;

interface DelayOptions {
  /** Leaves BullMQ's count of attempts made as it is. */
  readonly skipAttempt: boolean;
  readonly fieldsToUpdate: BullFields;
}

/** How often jobs are looked for whose lease has run out: often enough that one is found soon after. */
export function sweepMs(leaseMs: number): number {
  return Math.ceil(Math.min(leaseMs / 8, 1_000));
}

/** BullMQ over a client. Waits for nothing: what is asked of it goes to the client at once. */
export class RedisEngine {
  readonly client: RedisClient;
  readonly #create: (leaseMs: number) => BullBackend;
  #backend: BullBackend;
  #leaseMs = 60_000;

  private constructor(client: RedisClient, create: (leaseMs: number) => BullBackend) {
    this.client = client;
    this.#create = create;
    this.#backend = create(this.#leaseMs);
  }

  static async open(client: RedisClient, { name, prefix }: { readonly name: string; readonly prefix: string }): Promise<RedisEngine> {
    const { QueueKeys, RedisConnection, RedisQueueBackend } = await loadPeer("bullmq", () => import("bullmq"));
    const extra = { shared: true, blocking: false, skipVersionCheck: true, skipWaitingForReady: true };
    const connection = new RedisConnection(client as unknown as ConstructorParameters<typeof RedisConnection>[0], extra);
    connection.on("error", () => {}); // the link listens to the client itself
    await connection.client;
    const names = new QueueKeys(prefix);
    const toKey = (type: string) => names.toKey(name, type);
    return new RedisEngine(client, (leaseMs) => {
      const options = {
        prefix,
        connection: {},
        lockDuration: leaseMs,
        stalledInterval: sweepMs(leaseMs),
        maxStalledCount: Number.MAX_SAFE_INTEGER,
      };
      return new RedisQueueBackend(connection, name, names.getKeys(name), toKey, options, undefined, false) as unknown as BullBackend;
    });
  }

  /** For all that takes no lease. */
  get backend(): BullBackend {
    return this.#backend;
  }

  /** For claims: to BullMQ the length of a lock is a setting. A worker's is always the same. */
  backendFor(leaseMs: number): BullBackend {
    if (leaseMs !== this.#leaseMs) {
      this.#backend = this.#create(leaseMs);
      this.#leaseMs = leaseMs;
    }
    return this.#backend;
  }
}
