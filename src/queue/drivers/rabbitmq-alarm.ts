import { type Clock, elapsedMs } from "../../clock.ts";

/** One timer for many times: it rings at the earliest that it was set for, and is then to be set again. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #ringAtMs = Number.POSITIVE_INFINITY;
  #sleep: AbortController | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time, in the milliseconds of `elapsedMs`, unless it rings earlier anyway. */
  setFor(atMs: number): void {
    if (atMs >= this.#ringAtMs) return;
    this.#stop();
    const sleep = new AbortController();
    this.#sleep = sleep;
    this.#ringAtMs = atMs;
    const ring = () => {
      if (this.#sleep !== sleep) return;
      this.#stop();
      this.#ring();
    };
    this.#clock.sleep(Math.max(1, atMs - elapsedMs(this.#clock)), sleep.signal).then(ring, () => undefined);
  }

  /** Lets it ring no more. */
  close(): void {
    this.#stop();
    this.#ringAtMs = Number.NEGATIVE_INFINITY; // which is earlier than any other time
  }

  #stop(): void {
    this.#sleep?.abort();
    this.#sleep = undefined;
    this.#ringAtMs = Number.POSITIVE_INFINITY;
  }
}
