/** How much work to hold in advance: what the handlers get through in this time. */
const lookaheadMs = 100;
const largestHold = 100;

/**
 * How many jobs a worker holds, running ones included: as many as it runs at once, and more only while jobs take so little
 * time that fetching them would be the larger part.
 */
export class ClaimSize {
  readonly #concurrency: number;
  #meanMs: number | undefined;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Learns how long a job took. Slowness counts at once, speed by and by. */
  learn(tookMs: number): void {
    const mean = this.#meanMs ?? tookMs;
    this.#meanMs = tookMs > mean ? tookMs : mean + (tookMs - mean) / 8;
  }

  get target(): number {
    if (this.#meanMs === undefined) return this.#concurrency;
    const lookahead = (this.#concurrency * lookaheadMs) / Math.max(this.#meanMs, 0.1);
    return Math.max(this.#concurrency, Math.min(largestHold, Math.floor(lookahead)));
  }
}
