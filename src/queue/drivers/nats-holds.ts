import type { LeasedJob, LeaseRef } from "../queue.ts";

/** A message in this process's hands. */
export interface NatsHold {
  readonly job: LeasedJob;
  readonly sequence: number;
  readonly deliveries: number;
  /** The message that holds its state, to be removed with it. */
  readonly stateSequence: number | undefined;
  /** Until when it is held for certain, in milliseconds of the steady clock. */
  until: number;
  /** Whether it has been settled by a call that then failed, and will be repeated. */
  isSettled: boolean;
}

/**
 * The leases of this process. JetStream takes an acknowledgement also of a delivery that has been replaced by another worker's, so whether
 * a lease still lasts is decided here, by a clock that never runs behind the server's.
 */
export class NatsHolds {
  readonly #holds = new Map<string, NatsHold>();

  add(hold: NatsHold): void {
    this.#holds.set(hold.job.lease, hold);
  }

  /** The hold of a lease that still lasts. */
  get({ id, lease }: LeaseRef, now: number): NatsHold | undefined {
    const hold = this.#holds.get(lease);
    return hold?.job.id === id && (hold.until > now || hold.isSettled) ? hold : undefined;
  }

  remove(hold: NatsHold): void {
    this.#holds.delete(hold.job.lease);
  }

  /** Forgets those that have run out. */
  sweep(now: number): void {
    for (const hold of this.#holds.values()) if (hold.until <= now) this.remove(hold);
  }
}
