import { type Clock, elapsedMs } from "../clock.ts";
import { describeError, rootCauseOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { capabilitiesOf } from "../queue/capabilities.ts";
import type { JobQuery, Queue } from "../queue/queue.ts";
import type { Bodies } from "../store/store.ts";
import { readHead } from "./stored-body-head.ts";

/** What removes bodies that a crash left behind. */
export interface BodySweepOptions {
  /** As its engine is, with its dead letters. */
  readonly queue: Queue;
  readonly bodies: () => Promise<Bodies>;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
  /** How long a body is kept that nobody has needed, in milliseconds of time in which jobs were claimed. */
  readonly keepMs: number;
}

/** How often the time is counted. */
const roundMs = 60 * 60 * 1_000;
/** How often it is looked through what is dead, where a body is old. */
const searchMs = 24 * 60 * 60 * 1_000;
/** Letters may be large. */
const pageSize = 20;
const sweepSize = 100;

/**
 * Removes bodies that nobody has needed for long. That a job needs its body is known when it is claimed, and when it is found among the
 * dead letters. Engines do not list what is still to be done: so the time counts only while claims are answered, and a job that waits
 * because no worker runs keeps its body, however long that lasts.
 */
export class BodySweep {
  readonly #options: BodySweepOptions;
  #round: Promise<void> | undefined;
  #nextRoundAt = Number.NEGATIVE_INFINITY;
  #nextSearchAt = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  #isStopped = false;

  constructor(options: BodySweepOptions) {
    this.#options = options;
  }

  /** To be called when a claim was answered. Begins a round if it is time for one; never throws. It needs no timer. */
  claimed(): void {
    const now = elapsedMs(this.#options.clock);
    if (this.#isStopped || this.#round || now < this.#nextRoundAt) return;
    this.#nextRoundAt = now + roundMs;
    this.#round = this.#runRound(now).finally(() => {
      this.#round = undefined;
    });
  }

  /** Breaks off the round under way, and begins no other. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Waits for the round under way. */
  async settled(): Promise<void> {
    await this.#round;
  }

  /** A round that fails is made up for by a later one: time that was not counted keeps bodies for longer. */
  async #runRound(now: number): Promise<void> {
    try {
      await this.#countAndSweep(now);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed)
        this.#options.logger?.warn({ error: describeError(rootCauseOf(error)) }, "could not look for bodies that nobody needs");
      this.#hasFailed = true;
    }
  }

  /** What is dead is kept on long before its term is over, so that the term is long enough when somebody retries it. */
  async #countAndSweep(now: number): Promise<void> {
    const { keepMs } = this.#options;
    const bodies = await this.#options.bodies();
    const shortestMs = await bodies.count({ keepMs, atMostMs: 2 * roundMs });
    if (shortestMs === undefined || shortestMs > keepMs / 2 || now < this.#nextSearchAt) return;
    this.#nextSearchAt = now + searchMs;
    await this.#keepOn(bodies, "dead");
    if (capabilitiesOf(this.#options.queue).lists) await this.#keepOn(bodies, "open");
    if (!this.#isStopped) await this.#removeOld(bodies);
  }

  async #keepOn(bodies: Bodies, state: JobQuery["state"]): Promise<void> {
    const { queue, keepMs } = this.#options;
    let after: string | undefined;
    do {
      if (this.#isStopped) return;
      const page = await queue.list({ state, limit: pageSize, ...(after === undefined ? {} : { after }) });
      const keys = page.jobs.flatMap(({ id, head }) => readHead(id, head).bodyKey ?? []);
      if (keys.length > 0) await bodies.keep(keys, { keepMs });
      after = page.next;
    } while (after !== undefined);
  }

  async #removeOld(bodies: Bodies): Promise<void> {
    let removed = 0;
    for (let count = sweepSize; count === sweepSize; removed += count) count = await bodies.sweep({ limit: sweepSize });
    if (removed > 0) this.#options.logger?.info({ removed }, "removed stored bodies that no job has needed for long");
  }
}
