import type { LeaseRef } from "../queue.ts";
import type { SqsJob } from "./sqs-message.ts";

/** A message in this process's hands. */
export interface SqsHold {
  readonly handle: string;
  /** The job as it would be sent anew had the holder died: this claim counts as an attempt, and as a crash. */
  readonly job: SqsJob;
  readonly attempt: number;
  readonly crashes: number;
  /** Until when it is held for certain, in milliseconds of the steady clock. */
  until: number;
  /** How far its settlement has come: `moved` when a message that replaces it has been sent, `settled` when it has been deleted as well. */
  state: "held" | "moved" | "settled";
}

/**
 * The leases of this process. SQS may delete a message under a receipt that has been replaced by another worker's, so whether a lease
 * still lasts is decided here, by a clock that never runs behind that of SQS.
 */
export class SqsHolds {
  readonly #holds = new Map<string, SqsHold>();

  /** Takes note of a lease, named by its receipt. */
  add(hold: SqsHold): void {
    this.#holds.set(hold.handle, hold);
  }

  /** The hold of a lease that still lasts. */
  get({ id, lease }: LeaseRef, now: number): SqsHold | undefined {
    const hold = this.#holds.get(lease);
    return hold?.job.id === id && (hold.until > now || hold.state === "settled") ? hold : undefined;
  }

  remove(hold: SqsHold): void {
    this.#holds.delete(hold.handle);
  }

  /** Forgets those that have run out. */
  sweep(now: number): void {
    for (const hold of this.#holds.values()) if (hold.until <= now) this.remove(hold);
  }
}
