import type { Clock } from "../clock.ts";
import { describeError, rootCauseOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Backoff, exponentialBackoff } from "./backoff.ts";
import { sleepFor } from "./wake.ts";

/** What is asked of the engine again and again. */
export type EngineCall = "claim" | "renew";

/** Whether the engine answers. It speaks in the log when that changes, and not at every try. */
export class Outage {
  readonly #logger: Pick<Logger, "info" | "error">;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  /** How often each call that fails has failed in a row: the engine is well again when all of them succeed. */
  readonly #failures = new Map<EngineCall, number>();
  #tries = 0;

  constructor({ logger, clock, random }: OutageOptions) {
    this.#logger = logger;
    this.#clock = clock;
    this.#backoff = exponentialBackoff({ baseMs: 200, capMs: 15_000, random });
  }

  get isOn(): boolean {
    return this.#failures.size > 0;
  }

  /** Notes that the engine failed. */
  note(call: EngineCall, error: unknown): void {
    const isNew = !this.isOn;
    this.#failures.set(call, (this.#failures.get(call) ?? 0) + 1);
    this.#tries++;
    if (isNew)
      this.#logger.error({ error: describeError(rootCauseOf(error)) }, "the queue cannot be reached; the worker pauses and tries again");
  }

  /** Notes that the engine answered. */
  end(call: EngineCall): void {
    if (!this.#failures.delete(call) || this.isOn) return;
    this.#logger.info({ tries: this.#tries }, "the queue can be reached again");
    this.#tries = 0;
  }

  /** Waits before the next claim. */
  async pause(signal: AbortSignal): Promise<void> {
    await sleepFor(this.#clock, 50 + this.#backoff(this.#failures.get("claim") ?? 1), signal);
  }
}

/** What {@link Outage} needs. */
export interface OutageOptions {
  readonly logger: Pick<Logger, "info" | "error">;
  readonly clock: Clock;
  readonly random: () => number;
}
