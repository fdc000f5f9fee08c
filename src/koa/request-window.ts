/**
 * How many requests may be under way, so that their work fits into a turn of the event loop: it may come later than they do, and for
 * all of them at once, when a database has answered. Halved by a long turn, one more after a short one for which it was too small.
 */
export class RequestWindow {
  readonly #longMs: number;
  readonly #least: number;
  #size = Number.POSITIVE_INFINITY;
  #wasFull = false;

  /**
   * @param longMs What makes a turn long.
   * @param least Requests that always have room.
   */
  constructor(longMs: number, least: number) {
    this.#longMs = longMs;
    this.#least = least;
  }

  /** Whether one more may come. */
  hasRoom(underWay: number): boolean {
    if (underWay < this.#size) return true;
    this.#wasFull = true;
    return false;
  }

  /** Told after each turn how long it has worked. */
  endTurn(workMs: number, underWay: number): void {
    if (workMs > this.#longMs) this.#size = Math.max(this.#least, Math.floor(Math.min(this.#size, underWay) / 2));
    else if (this.#wasFull) this.#size++;
    this.#wasFull = false;
  }

  /** Takes the limit away. */
  widen(): void {
    this.#size = Number.POSITIVE_INFINITY;
  }
}
