import type { Clock } from "../clock.ts";
import { ConfigurationError, describeError, rootCauseOf } from "../errors.ts";
import type { NewJob } from "../job.ts";
import type { Logger } from "../logger.ts";
import type { Queue } from "../queue/queue.ts";
import type { Store } from "../store/store.ts";

/** What carries jobs from the outbox to the queue. */
export interface OutboxOptions {
  readonly queue: () => Promise<Queue>;
  readonly store: () => Promise<Store>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long jobs are left to whoever accepted or took them last; then anybody may carry them. */
export const outboxLeaseMs = 15_000;
const sweepMs = 5_000;
const sweepSize = 100;
/** What of this process is on its way. More is left to the sweep, so that memory stays bounded while the queue is slow or away. */
const mostUnderWay = { jobs: 1_000, bytes: 64 * 1024 * 1024 };
/** Refused jobs that are remembered as told. */
const mostTold = 1_000;

/**
 * Carries jobs from the outbox to a queue in another place: at once after they were accepted, and by a sweep what a crash or an
 * outage left behind, whichever process it came from. A job may be sent twice, by its id; it is never forgotten before the queue has it.
 *
 * While the queue is away one job is tried at a time: a try costs whatever is stored beside the queue for it, such as a large body.
 */
export class OutboxCarrier {
  readonly #options: OutboxOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #idsUnderWay = new Set<string>();
  #bytesUnderWay = 0;
  readonly #stopping = new AbortController();
  readonly #told = new Set<string>();
  #sweeping: Promise<void> | undefined;
  #isAway = false;
  #failures = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Carries jobs that were accepted just now. Never throws: what fails is swept up later. */
  handOn(jobs: readonly NewJob[]): void {
    // While the queue is away a new delivery may find that it is back, and one is enough for that.
    const isLeftToSweep = this.#isAway && this.#sweeping !== undefined && this.#idsUnderWay.size > 0;
    const isTooMuch = this.#idsUnderWay.size + jobs.length > mostUnderWay.jobs || this.#bytesUnderWay > mostUnderWay.bytes;
    if (this.#stopping.signal.aborted || isLeftToSweep || isTooMuch) return;
    const carrying = this.#carryQuietly(jobs).finally(() => this.#underWay.delete(carrying));
    this.#underWay.add(carrying);
  }

  /** Begins to sweep. Calling it again does nothing. */
  start(): void {
    this.#sweeping ??= this.#sweep();
  }

  /** Ends the sweep and waits for what is under way. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#sweeping, ...this.#underWay]);
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const hasMore = await this.#takeAndCarry(this.#isAway ? 1 : sweepSize);
      if (!hasMore) await this.#options.clock.sleep(sweepMs, signal).catch(() => {});
    }
  }

  /** Whether there may be more that can be carried at once. */
  async #takeAndCarry(limit: number): Promise<boolean> {
    try {
      const { outbox } = await this.#options.store();
      const jobs = await outbox.take({ limit, leaseMs: outboxLeaseMs });
      // The queue may be slower than a lease: what this process is sending it does not send a second time.
      const isSent = await this.#carry(jobs.filter(({ id }) => !this.#idsUnderWay.has(id)));
      return isSent && jobs.length === limit;
    } catch (error) {
      this.#note(error);
      return false;
    }
  }

  async #carryQuietly(jobs: readonly NewJob[]): Promise<void> {
    try {
      await this.#carry(jobs);
    } catch (error) {
      this.#note(error);
    }
  }

  /** Whether the queue has taken every job, or has said that it never will. */
  async #carry(jobs: readonly NewJob[]): Promise<boolean> {
    if (jobs.length === 0) return true;
    const bytes = jobs.reduce((sum, { body, head }) => sum + body.byteLength + head.length, 0);
    for (const { id } of jobs) this.#idsUnderWay.add(id);
    this.#bytesUnderWay += bytes;
    try {
      const [queue, store] = await Promise.all([this.#options.queue(), this.#options.store()]);
      const results = await Promise.allSettled(jobs.map((job) => queue.send(job)));
      const sent = jobs.filter((_, index) => results[index]?.status === "fulfilled");
      if (sent.length > 0) await store.outbox.remove(sent.map(({ id }) => id));
      return this.#learn(jobs, results);
    } finally {
      for (const { id } of jobs) this.#idsUnderWay.delete(id);
      this.#bytesUnderWay -= bytes;
    }
  }

  /** What the results say of the queue. */
  #learn(jobs: readonly NewJob[], results: readonly PromiseSettledResult<void>[]): boolean {
    const failures: unknown[] = [];
    for (const [index, result] of results.entries()) {
      if (result.status === "fulfilled") continue;
      if (isRefusal(result.reason)) this.#tellRefused(jobs[index], result.reason);
      else failures.push(result.reason);
    }
    const isAnySent = results.some(({ status }) => status === "fulfilled");
    if (isAnySent) this.#isAway = false;
    else if (failures.length > 0) this.#isAway = true;
    if (failures.length > 0) this.#note(failures[0]);
    else if (isAnySent) this.#noteRecovery();
    return failures.length === 0;
  }

  /** Once an outage, not at every try. */
  #note(error: unknown): void {
    if (this.#failures++ > 0) return;
    this.#options.logger.error({ error: describeError(rootCauseOf(error)) }, "jobs stay in the outbox until the queue takes them");
  }

  #noteRecovery(): void {
    if (this.#failures > 0) this.#options.logger.info({ tries: this.#failures }, "the queue takes jobs from the outbox again");
    this.#failures = 0;
  }

  /** It was promised to be done, so it stays where a person can find it. */
  #tellRefused(job: NewJob | undefined, error: unknown): void {
    if (!job || this.#told.has(job.id)) return;
    if (this.#told.size >= mostTold) this.#told.clear();
    this.#told.add(job.id);
    const fields = { job: job.id, handler: job.handler, error: describeError(rootCauseOf(error)) };
    this.#options.logger.error(fields, "the queue cannot take a job, which stays in the outbox");
  }
}

/** Whether the queue will say the same of this job whenever it is asked. */
function isRefusal(error: unknown): boolean {
  return error instanceof ConfigurationError && error.code === "unsupported";
}
