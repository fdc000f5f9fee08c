/** What became of the requests to receivers since the start. */
export interface Counts {
  /** Answered after a run of handlers. */
  readonly handled: number;
  /** Verified, but no handler was interested. */
  readonly ignored: number;
  /** Seen before. */
  readonly duplicates: number;
  readonly handshakes: number;
  /** Answered with 4xx. */
  readonly rejected: number;
  /** Answered with 5xx. */
  readonly failed: number;
}

/** Counts outcomes. */
export class Counters {
  readonly #counts = { handled: 0, ignored: 0, duplicates: 0, handshakes: 0, rejected: 0, failed: 0 };

  add(outcome: keyof Counts): void {
    this.#counts[outcome]++;
  }

  /** The counts at this moment. */
  read(): Counts {
    return { ...this.#counts };
  }
}
