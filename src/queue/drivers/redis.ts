import { systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeaseRef, NewJob, Queue } from "../queue.ts";
import { type ClaimedJobs, RedisClaims } from "./redis-claim.ts";
import { purgeDeadLetters, retryDeadLetters } from "./redis-dead-letters.ts";
import type { RedisEngine } from "./redis-engine.ts";
import { encodeId, parseLease, toBullJob } from "./redis-job.ts";
import { type RedisClientLike, RedisLink } from "./redis-link.ts";
import { listJobs } from "./redis-list.ts";
import { RedisMarker } from "./redis-marker.ts";
import { isSettled, RedisSettling } from "./redis-settlement.ts";

export type { RedisClientLike };

/** Where the jobs are. */
export interface RedisQueueOptions {
  /**
   * A URL, `redis:` or `rediss:`, or a client of the package `ioredis`. Of a client the settings are taken, for connections of the
   * driver's own; the client itself stays as it is, and open.
   */
  readonly connection: string | RedisClientLike;
  /** Name of the BullMQ queue. Default `hookwright`. */
  readonly name?: string;
  /** What the names of all keys begin with, as BullMQ's option of this name. Default `bull`. */
  readonly prefix?: string;
}

/**
 * A queue on Redis, in the data structures of BullMQ, whose tools therefore show the jobs.
 *
 * @throws ConfigurationError `invalid_options` where the connection or a name cannot be used.
 * @throws ConfigurationError from every method: `closed`, `package_missing` (`bullmq`, `ioredis`), or `invalid_options` where the
 *   server may evict jobs.
 * @throws ApplicationError `queue_unavailable` from every method, where Redis does not answer within five seconds.
 */
export function redisQueue({ connection, name = "hookwright", prefix = "bull" }: RedisQueueOptions): Queue {
  if (name === "" || name.includes(":")) {
    throw new ConfigurationError("invalid_options", "redisQueue: name is a text that is not empty and has no colon.");
  }
  return new RedisQueue(new RedisLink({ connection, name, prefix }));
}

const capabilities = {
  engine: "Redis",
  strictOrder: false,
  ordering: false,
  exceptions: false,
} satisfies Partial<QueueCapabilities>;

class RedisQueue implements Queue {
  readonly capabilities = capabilities;
  readonly #link: RedisLink;
  readonly #marker: RedisMarker;
  readonly #claims = new RedisClaims();
  readonly #settling = new RedisSettling();

  constructor(link: RedisLink) {
    this.#link = link;
    this.#marker = new RedisMarker(link);
  }

  async send(job: NewJob): Promise<void> {
    if (job.ordering) {
      throw new ConfigurationError("unsupported", "The Redis queue cannot keep jobs of one key in order: send them without an ordering.");
    }
    const bullJob = toBullJob(job, now()); // at once: the sender may use its buffer again
    await this.#link.run(({ backend }) => backend.addJob(bullJob, bullJob.id));
    this.#marker.announce();
  }

  async claim(options: ClaimOptions): Promise<ClaimResult> {
    const { claimed, lost } = await this.#link.run((engine) => this.#claim(engine, options));
    if (!claimed) return { jobs: [], lost };
    const { isFull, ...result } = claimed;
    this.#marker.noteClaim({ isFull });
    return { ...result, lost };
  }

  /** Where a part fails, the call does: what was claimed is given back then, and what was settled need not be settled again. */
  async #claim(
    engine: RedisEngine,
    options: ClaimOptions,
  ): Promise<{ readonly claimed?: ClaimedJobs; readonly lost: readonly LeaseRef[] }> {
    const { limit, settle = [] } = options;
    // Both are begun before either is awaited: Redis carries them out in this order, after one journey.
    const settling = this.#settling.begin(engine.backend, settle, now());
    const claiming = limit > 0 ? this.#claims.take(engine, options, now()) : undefined;
    const [settled, [taken]] = await Promise.all([Promise.allSettled(settling), Promise.allSettled([claiming])]);
    const claimed = taken.status === "fulfilled" ? taken.value : undefined;
    const failure = [...settled, taken].find((result) => result.status === "rejected");
    if (!failure) return { lost: lostOf(settle, settled.map(isYes)), ...(claimed ? { claimed } : {}) };
    this.#settling.remember(settle.filter((_, index) => isYes(settled[index])));
    const releases = (claimed?.jobs ?? []).map(({ id, lease }) => ({ id, lease, outcome: "release" }) as const);
    await Promise.allSettled(this.#settling.begin(engine.backend, releases, now())); // what fails comes when its lease is over
    throw failure.reason;
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#link.run(async ({ backend }) => {
      const renewing = leases.map(async ({ id, lease }) => {
        const hold = parseLease(lease);
        return hold !== undefined && (await backend.extendLock(encodeId(id), hold.token, leaseMs)) === 1;
      });
      return lostOf(leases, await Promise.all(renewing.map(isSettled)));
    });
  }

  watch(listener: () => void): () => void {
    return this.#marker.watch(listener);
  }

  list(query: JobQuery): Promise<JobPage> {
    return this.#link.run((engine) => listJobs(engine, query, now()));
  }

  async retry(ids: readonly string[] | "all"): Promise<number> {
    const count = await this.#link.run((engine) => retryDeadLetters(engine, ids));
    if (count > 0) this.#marker.announce();
    return count;
  }

  purge(ids: readonly string[] | "all"): Promise<number> {
    return this.#link.run((engine) => purgeDeadLetters(engine, ids));
  }

  async close(): Promise<void> {
    this.#marker.close();
    await this.#link.close();
  }
}

/** BullMQ goes by this clock too: a delay ends when it says so. */
function now(): number {
  return systemClock.now().getTime();
}

/** The holds that were lost, given which are kept. */
function lostOf(holds: readonly LeaseRef[], kept: readonly boolean[]): readonly LeaseRef[] {
  return holds.filter((_, index) => !kept[index]).map(({ id, lease }) => ({ id, lease }));
}

function isYes(result: PromiseSettledResult<boolean> | undefined): boolean {
  return result?.status === "fulfilled" && result.value;
}
