/** How much work to hold in advance: what the handlers get through in this time. */
const lookaheadMs = 100;
const largestHold = 100;
/** Suspects that are claimed one by one before it is looked what is behind them. */
const suspectsInRow = 8;

/**
 * How many jobs a worker holds, running ones included: as many as it runs at once, and more only while jobs take so little
 * time that fetching them would be the larger part.
 */
export class ClaimSize {
  readonly #concurrency: number;
  #meanMs: number | undefined;
  #suspectsLeft = 0;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Learns how long a job took. Slowness counts at once, speed by and by. */
  learn(tookMs: number): void {
    const mean = this.#meanMs ?? tookMs;
    this.#meanMs = tookMs > mean ? tookMs : mean + (tookMs - mean) / 8;
  }

  /**
   * Learns what a claim brought. Suspects run alone, and to hand back the rest of many each time costs the engine more than running them:
   * where there was nothing else, the next ones are claimed one by one.
   */
  learnClaim({ suspects, others }: { readonly suspects: number; readonly others: number }): void {
    if (others > 0) this.#suspectsLeft = 0;
    else if (suspects > 1) this.#suspectsLeft = suspectsInRow;
    else if (suspects === 1 && this.#suspectsLeft > 0) this.#suspectsLeft--;
  }

  /** How many jobs to ask for where there is room for so many. */
  limit(room: number): number {
    return this.#suspectsLeft > 0 ? Math.min(1, room) : room;
  }

  get target(): number {
    if (this.#meanMs === undefined) return this.#concurrency;
    const lookahead = (this.#concurrency * lookaheadMs) / Math.max(this.#meanMs, 0.1);
    return Math.max(this.#concurrency, Math.min(largestHold, Math.floor(lookahead)));
  }
}
