import { type Clock, elapsedMs } from "../clock.ts";
import type { LeaseRef, Settlement } from "./queue.ts";

interface Decided {
  readonly settlement: Settlement;
  /** What the clock on the wall showed when steady time began, as it stood at the decision. */
  readonly originMs: number;
}

/** Ends of leases that the queue has not been told yet, in the order in which they were decided. */
export class Unsettled {
  readonly #clock: Clock;
  #waiting: Decided[] = [];
  #onTheWay: Decided[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.length + this.#onTheWay.length;
  }

  /** Holds to be kept until their end can be told: should one run out before, another worker would do the job again. */
  get leases(): readonly LeaseRef[] {
    return this.#waiting.map(({ settlement: { id, lease } }) => ({ id, lease }));
  }

  add(settlement: Settlement): void {
    this.#waiting.push({ settlement, originMs: this.#originMs() });
  }

  /** What to tell the queue now. It stays here until {@link told}. */
  take(): readonly Settlement[] {
    this.#onTheWay.push(...this.#waiting.splice(0));
    return this.#onTheWay.map((decided) => this.#asOfNow(decided));
  }

  /** The queue has been told what was taken. */
  told(): void {
    this.#onTheWay = [];
  }

  /** The queue has perhaps not been told what was taken; it has to be told again. */
  failed(): void {
    this.#waiting.unshift(...this.#onTheWay.splice(0));
  }

  /** A time to come back at is a wait: whatever becomes of the clock on the wall until the queue can be told, it ends after that. */
  #asOfNow({ settlement, originMs }: Decided): Settlement {
    if (!("dueAt" in settlement) || settlement.dueAt === undefined) return settlement;
    return { ...settlement, dueAt: new Date(settlement.dueAt.getTime() + this.#originMs() - originMs) };
  }

  #originMs(): number {
    return this.#clock.now().getTime() - elapsedMs(this.#clock);
  }
}
