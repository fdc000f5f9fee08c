import { type Clock, systemClock } from "../clock.ts";
import { ConfigurationError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { OpenCalls } from "../open-calls.ts";
import { capabilitiesOf, type QueueCapabilities } from "../queue/capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeasedJob, LeaseRef, NewJob, Queue, Settlement } from "../queue/queue.ts";
import type { Bodies, BodyTerm, Store } from "../store/store.ts";
import { BodySweep } from "./stored-bodies-sweep.ts";
import { plainHead, readHead, storedHead } from "./stored-body-head.ts";
import { holdOf } from "./stored-hold.ts";

/** Dead letters that are deleted together. */
const pageSize = 100;
/** How long jobs wait that the store had to be asked for in vain, so that they are not handed out over and over. */
const storePauseMs = 1_000;

/** What stored bodies need besides queue and store. */
export interface StoredBodiesOptions {
  readonly logger?: Logger;
  readonly clock?: Clock;
  /**
   * How long a body is kept at least that nobody has needed, in milliseconds of time in which jobs were claimed: longer than any job
   * waits in the queue while workers run. Default 90 days. Bodies of dead letters are kept for as long as these are.
   */
  readonly keepMs?: number;
}

/** The default of {@link StoredBodiesOptions.keepMs}. */
const defaultKeepMs = 90 * 24 * 60 * 60 * 1_000;

/**
 * A queue whose engine takes jobs of some size only, with the store for the bodies of larger ones; any other queue as it is. A
 * body is in the store before its job is in the queue, and is removed after it: a crash in between leaves a body behind, and
 * never a job without one. What was left behind is removed later: see {@link BodySweep}.
 *
 * A job whose body is gone nevertheless becomes a dead letter, and `logger` is told.
 *
 * @throws ConfigurationError `unsupported` where the queue keeps no dead letters: give it those first.
 */
export function withStoredBodies(queue: Queue, store: () => Promise<Store>, options: StoredBodiesOptions = {}): Queue {
  const { largestJobBytes, deadLetters, engine } = capabilitiesOf(queue);
  if (!Number.isFinite(largestJobBytes)) return queue;
  if (!deadLetters)
    throw new ConfigurationError("unsupported", `Stored bodies need a queue that keeps dead letters, and ${engine} does not.`);
  return new StoredBodies(queue, store, options);
}

class StoredBodies implements Queue {
  readonly capabilities: QueueCapabilities;
  readonly #queue: Queue;
  readonly #largestJobBytes: number;
  readonly #store: () => Promise<Store>;
  readonly #logger: Logger | undefined;
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #sweep: BodySweep;
  /** Keys of the bodies of held jobs, by hold. */
  readonly #held = new Map<string, string>();
  readonly #calls = new OpenCalls("The queue");

  constructor(queue: Queue, store: () => Promise<Store>, { logger, clock = systemClock, keepMs = defaultKeepMs }: StoredBodiesOptions) {
    const capabilities = capabilitiesOf(queue);
    this.capabilities = { ...capabilities, largestJobBytes: Number.POSITIVE_INFINITY };
    this.#largestJobBytes = capabilities.largestJobBytes;
    this.#queue = queue;
    this.#store = store;
    this.#logger = logger;
    this.#clock = clock;
    this.#keepMs = keepMs;
    this.#sweep = new BodySweep({ queue, bodies: () => this.#bodies(), clock, logger, keepMs });
  }

  send(job: NewJob): Promise<void> {
    return this.#calls.run(() => {
      const head = plainHead(job.head);
      const isSmall = Buffer.byteLength(head) + job.body.byteLength <= this.#largestJobBytes;
      return isSmall ? this.#queue.send({ ...job, head }) : this.#sendApart(job);
    });
  }

  claim(options: ClaimOptions): Promise<ClaimResult> {
    return this.#calls.run(() => this.#claim(options));
  }

  async renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    const lost = await this.#queue.renew(leases, leaseMs);
    for (const each of lost) this.#held.delete(holdOf(each));
    return lost;
  }

  watch(listener: () => void): () => void {
    return this.#queue.watch(listener);
  }

  /** A body that is gone is shown as an empty one. */
  async list(query: JobQuery): Promise<JobPage> {
    const page = await this.#queue.list(query);
    const bodies = await this.#bodiesOf(page.jobs);
    return { ...page, jobs: page.jobs.map((job) => withBody(job, bodies) ?? { ...job, head: readHead(job.id, job.head).head }) };
  }

  retry(ids: readonly string[] | "all"): Promise<number> {
    return this.#queue.retry(ids);
  }

  async purge(ids: readonly string[] | "all"): Promise<number> {
    const dead = await this.#dead(ids);
    let count = 0;
    for (let start = 0; start < dead.length; start += pageSize) {
      const page = dead.slice(start, start + pageSize);
      const purged = await this.#queue.purge(page.map(({ id }) => id));
      // Fewer: somebody has retried one meanwhile, and its job needs its body.
      if (purged === page.length) await this.#removeQuietly(page.flatMap(({ bodyKey }) => bodyKey ?? []));
      count += purged;
    }
    return count;
  }

  close(): Promise<void> {
    this.#sweep.stop();
    return this.#calls.close(async () => {
      await this.#sweep.settled();
      await this.#queue.close();
    });
  }

  async #claim(options: ClaimOptions): Promise<ClaimResult> {
    const { settle = [], leaseMs, limit } = options;
    await this.#keepForLongWaits(settle);
    const result = await this.#queue.claim(options);
    const finished = this.#finished(settle, result.lost);
    for (const job of result.jobs) {
      const { bodyKey } = readHead(job.id, job.head);
      if (bodyKey !== undefined) this.#held.set(holdOf(job), bodyKey);
    }
    if (limit > 0) this.#sweep.claimed();
    const [completed] = await Promise.allSettled([this.#complete(result.jobs, leaseMs), this.#removeQuietly(finished)]);
    if (completed.status === "fulfilled") return { ...result, jobs: completed.value };
    const whole = await this.#giveBackIncomplete(result.jobs, leaseMs);
    // What has been settled must be told; a store that does not answer shows at the next claim.
    if (settle.length === 0 && whole.length === 0) throw completed.reason;
    return { ...result, jobs: whole };
  }

  async #sendApart(job: NewJob): Promise<void> {
    const { head, bodyKey } = storedHead(job.id, job.head);
    const headBytes = Buffer.byteLength(head);
    if (headBytes > this.#largestJobBytes)
      throw new ConfigurationError(
        "unsupported",
        `The head of a job is ${headBytes} bytes; ${this.capabilities.engine} has room for ${this.#largestJobBytes}.`,
      );
    const { isDurable, bodies } = await this.#store();
    if (this.capabilities.durable && !isDurable)
      throw new ConfigurationError(
        "unsupported",
        `${this.capabilities.engine} takes at most ${this.#largestJobBytes} bytes a job, and the store that would keep a larger body forgets it with this process.`,
      );
    await bodies.put(bodyKey, job.body, { keepMs: this.#keepMs + this.#waitMs(job.dueAt) });
    try {
      await this.#queue.send({ ...job, head, body: new Uint8Array() });
    } catch (error) {
      // Refused, and not perhaps stored: only then nothing can refer to the body.
      if (error instanceof ConfigurationError) await this.#removeQuietly([bodyKey]);
      throw error;
    }
  }

  /** Lets go of jobs that were settled; answers the keys of those that are done. */
  #finished(settle: readonly Settlement[], lost: readonly LeaseRef[]): readonly string[] {
    const lostHolds = new Set(lost.map(holdOf));
    return settle.flatMap((each) => {
      const hold = holdOf(each);
      const key = this.#held.get(hold);
      this.#held.delete(hold);
      return key !== undefined && each.outcome === "acknowledge" && !lostHolds.has(hold) ? key : [];
    });
  }

  /** A job that comes back after a very long time needs its body then. */
  async #keepForLongWaits(settle: readonly Settlement[]): Promise<void> {
    for (const each of settle) {
      const waitMs = "dueAt" in each ? this.#waitMs(each.dueAt) : 0;
      const key = waitMs > this.#keepMs / 2 ? this.#held.get(holdOf(each)) : undefined;
      if (key !== undefined) await (await this.#bodies()).keep([key], { keepMs: this.#keepMs + waitMs });
    }
  }

  #waitMs(dueAt: Date | undefined): number {
    return dueAt ? Math.max(0, dueAt.getTime() - this.#clock.now().getTime()) : 0;
  }

  /** Jobs with their bodies. Those whose body is gone are dead. */
  async #complete(jobs: readonly LeasedJob[], leaseMs: number): Promise<readonly LeasedJob[]> {
    const bodies = await this.#bodiesOf(jobs, { keepMs: this.#keepMs });
    const incomplete = jobs.filter((job) => withBody(job, bodies) === undefined);
    if (incomplete.length > 0) {
      await this.#settleQuietly(incomplete, leaseMs, ({ id, lease }) => ({ id, lease, outcome: "dead", reason: bodyIsGone }));
      this.#logger?.error({ jobs: incomplete.map(({ id }) => id), reason: bodyIsGone }, "jobs are dead letters");
    }
    return jobs.flatMap((job) => withBody(job, bodies) ?? []);
  }

  /** Without the store: jobs that need it go back, the others are handed out. */
  async #giveBackIncomplete(jobs: readonly LeasedJob[], leaseMs: number): Promise<readonly LeasedJob[]> {
    const none: ReadonlyMap<string, Uint8Array> = new Map();
    const incomplete = jobs.filter((job) => withBody(job, none) === undefined);
    const dueAt = new Date(this.#clock.now().getTime() + storePauseMs);
    await this.#settleQuietly(incomplete, leaseMs, ({ id, lease }) => ({ id, lease, outcome: "release", dueAt }));
    return jobs.flatMap((job) => withBody(job, none) ?? []);
  }

  /** What cannot be settled comes again when its lease has run out. */
  async #settleQuietly(jobs: readonly LeasedJob[], leaseMs: number, settlementOf: (job: LeasedJob) => Settlement): Promise<void> {
    if (jobs.length === 0) return;
    for (const job of jobs) this.#held.delete(holdOf(job));
    await this.#queue.claim({ limit: 0, leaseMs, settle: jobs.map(settlementOf) }).catch(() => {});
  }

  async #bodiesOf(jobs: readonly Framed[], term?: BodyTerm): Promise<ReadonlyMap<string, Uint8Array>> {
    const keys = jobs.flatMap(({ id, head }) => readHead(id, head).bodyKey ?? []);
    return keys.length > 0 ? (await this.#bodies()).get(keys, term) : new Map();
  }

  async #bodies(): Promise<Bodies> {
    return (await this.#store()).bodies;
  }

  /** A body that stays is swept up later, and a failure here would hide that its job is done. */
  async #removeQuietly(keys: readonly string[]): Promise<void> {
    if (keys.length > 0)
      await this.#bodies()
        .then((bodies) => bodies.remove(keys))
        .catch(() => {});
  }

  /** Which of these are dead letters, and where their bodies are. */
  async #dead(ids: readonly string[] | "all"): Promise<readonly { readonly id: string; readonly bodyKey?: string }[]> {
    const wanted = ids === "all" ? undefined : new Set(ids);
    const found: { readonly id: string; readonly bodyKey?: string }[] = [];
    let after: string | undefined;
    do {
      const page = await this.#queue.list({ state: "dead", limit: pageSize, ...(after === undefined ? {} : { after }) });
      const chosen = page.jobs.filter(({ id }) => wanted?.has(id) ?? true);
      found.push(...chosen.map(({ id, head }) => ({ id, ...bodyKeyOf(id, head) })));
      after = wanted && found.length >= wanted.size ? undefined : page.next;
    } while (after !== undefined);
    return found;
  }
}

const bodyIsGone =
  "The body is not in the store: another copy of the job has been acknowledged, or this is not the store that the body was put into.";

interface Framed {
  readonly id: string;
  readonly head: string;
  readonly body: Uint8Array;
}

function bodyKeyOf(id: string, head: string): { readonly bodyKey?: string } {
  const { bodyKey } = readHead(id, head);
  return bodyKey === undefined ? {} : { bodyKey };
}

/** A job as it was sent; undefined where its body is in none of the two places. */
function withBody<Job extends Framed>(job: Job, bodies: ReadonlyMap<string, Uint8Array>): Job | undefined {
  const { head, bodyKey } = readHead(job.id, job.head);
  const body = bodyKey === undefined ? job.body : bodies.get(bodyKey);
  return body && { ...job, head, body };
}
