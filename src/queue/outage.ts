import type { Clock } from "../clock.ts";
import { describeError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Backoff, exponentialBackoff } from "./backoff.ts";
import { sleepFor } from "./wake.ts";

/** Whether the engine answers. It speaks in the log when that changes, and not at every try. */
export class Outage {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  #failures = 0;

  constructor({ logger, clock, random }: { readonly logger: Logger; readonly clock: Clock; readonly random: () => number }) {
    this.#logger = logger;
    this.#clock = clock;
    this.#backoff = exponentialBackoff({ baseMs: 200, capMs: 15_000, random });
  }

  get isOn(): boolean {
    return this.#failures > 0;
  }

  /** Notes that the engine failed. */
  note(error: unknown): void {
    if (this.#failures++ === 0) {
      this.#logger.error({ error: describeError(error) }, "the queue cannot be reached; the worker pauses and tries again");
    }
  }

  /** Notes that the engine answered. */
  end(): void {
    if (this.#failures > 0) this.#logger.info({ tries: this.#failures }, "the queue can be reached again");
    this.#failures = 0;
  }

  /** Waits before the next try. */
  async pause(signal: AbortSignal): Promise<void> {
    await sleepFor(this.#clock, 50 + this.#backoff(this.#failures), signal);
  }
}
