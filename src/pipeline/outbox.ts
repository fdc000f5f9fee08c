import type { Clock } from "../clock.ts";
import { describeError } from "../errors.ts";
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
/** Jobs of this process on their way. More are left to the sweep, so that memory stays bounded while the queue is away. */
const mostUnderWay = 1_000;

/**
 * Carries jobs from the outbox to a queue in another place: at once after they were accepted, and by a sweep what a crash or an
 * outage left behind, whichever process it came from. A job may be sent twice, by its id; it is never forgotten before the queue has it.
 */
export class OutboxCarrier {
  readonly #options: OutboxOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #jobsUnderWay = 0;
  #sweeping: Promise<void> | undefined;
  #failures = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Carries jobs that were accepted just now. Never throws: what fails is swept up later. */
  handOn(jobs: readonly NewJob[]): void {
    if (this.#jobsUnderWay + jobs.length > mostUnderWay) return;
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
      const count = await this.#takeAndCarry();
      if (count < sweepSize) await this.#options.clock.sleep(sweepMs, signal).catch(() => {});
    }
  }

  /** How many were carried. */
  async #takeAndCarry(): Promise<number> {
    try {
      const { outbox } = await this.#options.store();
      const jobs = await outbox.take({ limit: sweepSize, leaseMs: outboxLeaseMs });
      await this.#carry(jobs);
      return jobs.length;
    } catch (error) {
      this.#note(error);
      return 0;
    }
  }

  async #carryQuietly(jobs: readonly NewJob[]): Promise<void> {
    this.#jobsUnderWay += jobs.length;
    try {
      await this.#carry(jobs);
    } catch (error) {
      this.#note(error);
    } finally {
      this.#jobsUnderWay -= jobs.length;
    }
  }

  async #carry(jobs: readonly NewJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const [queue, store] = await Promise.all([this.#options.queue(), this.#options.store()]);
    const sent: string[] = [];
    const results = await Promise.allSettled(jobs.map((job) => queue.send(job).then(() => sent.push(job.id))));
    await store.outbox.remove(sent);
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
    if (this.#failures > 0) this.#options.logger.info({ tries: this.#failures }, "the queue takes jobs from the outbox again");
    this.#failures = 0;
  }

  /** Once an outage, not at every try. */
  #note(error: unknown): void {
    if (this.#failures++ > 0) return;
    this.#options.logger.error({ error: describeError(error) }, "jobs stay in the outbox until the queue takes them");
  }
}
