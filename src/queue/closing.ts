import type { Clock } from "../clock.ts";
import { sleepFor } from "./wake.ts";

/** How long an engine has for its last answer once the grace is over. */
const lastAnswerMs = 2_000;

/** How far the closing of a worker has come. Each stage is a signal. */
export class Closing {
  readonly #clock: Clock;
  readonly #asked = new AbortController();
  readonly #graceOver = new AbortController();
  readonly #tooLate = new AbortController();
  readonly #ended = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** No job is begun any more. */
  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  /** What still runs is let go. */
  get graceOver(): AbortSignal {
    return this.#graceOver.signal;
  }

  /** An engine that has not answered by now is not waited for. */
  get tooLate(): AbortSignal {
    return this.#tooLate.signal;
  }

  /** There is nothing left to do. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Goes through the stages; resolves when the last has been reached, or `end` was called. */
  async begin(graceMs: number): Promise<void> {
    this.#asked.abort();
    if (!(await sleepFor(this.#clock, graceMs, this.ended))) return;
    this.#graceOver.abort();
    if (await sleepFor(this.#clock, lastAnswerMs, this.ended)) this.#tooLate.abort();
  }

  end(): void {
    this.#ended.abort();
  }
}
