import { type Clock, elapsedMs } from "../clock.ts";
import type { UnfailingLogger } from "../logger.ts";
import type { Closing } from "./closing.ts";
import type { Outage } from "./outage.ts";
import type { ClaimOptions, ClaimResult, LeasedJob, Queue } from "./queue.ts";
import type { Unsettled } from "./unsettled.ts";
import { unlessAborted } from "./wake.ts";

/** What {@link Claims} needs. */
export interface ClaimsOptions {
  readonly queue: Queue;
  readonly clock: Clock;
  readonly logger: UnfailingLogger;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly outage: Outage;
  readonly closing: Closing;
  readonly unsettled: Unsettled;
}

/** Asks the engine for jobs, one call at a time, and tells it with each what has become of those before. */
export class Claims {
  readonly #options: ClaimsOptions;
  /** When there may be something to claim, in steady time. */
  #nextAt = 0;
  #hasGivenUp = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /** How long there is nothing to claim, as far as is known. */
  get waitMs(): number {
    return this.#nextAt - elapsedMs(this.#options.clock);
  }

  /** The worker's grace is over, and the engine has not taken what there was left to tell it. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** There may be something now. */
  expect(): void {
    this.#nextAt = 0;
  }

  /** Settles and claims up to `limit` jobs. Where the engine fails, it answers nothing, after a pause. */
  async claim(limit: number, except: readonly string[]): Promise<readonly LeasedJob[]> {
    const { leaseMs, logger } = this.#options;
    if (limit > 0) this.#nextAt = Number.POSITIVE_INFINITY; // a job that is sent meanwhile brings it forward again
    const claimed = await this.#ask({ limit, leaseMs, ...(except.length > 0 ? { except } : {}) });
    if (!claimed) return [];
    const { jobs, lost, nextDueAt } = claimed;
    if (lost.length > 0) logger.warn({ code: "lease_lost", jobs: lost.map(({ id }) => id) }, "jobs had been taken over");
    if (limit > 0) this.#nextAt = Math.min(this.#nextAt, jobs.length < limit ? this.#nextLook(nextDueAt) : 0);
    return jobs;
  }

  async #ask(options: ClaimOptions): Promise<ClaimResult | undefined> {
    const { queue, unsettled, outage, closing } = this.#options;
    const isLast = closing.graceOver.aborted;
    try {
      const claimed = await unlessAborted(queue.claim({ ...options, settle: unsettled.take() }), closing.tooLate);
      unsettled.told();
      outage.end("claim");
      return claimed;
    } catch (error) {
      unsettled.failed();
      this.#nextAt = 0;
      outage.note("claim", error);
      this.#hasGivenUp = isLast || closing.tooLate.aborted;
      await outage.pause(closing.asked.aborted ? closing.graceOver : closing.asked);
      return undefined;
    }
  }

  #nextLook(nextDueAt: Date | undefined): number {
    const { pollMs, clock } = this.#options;
    const dueInMs = nextDueAt ? nextDueAt.getTime() - clock.now().getTime() : pollMs;
    return elapsedMs(clock) + Math.min(dueInMs, pollMs);
  }
}
