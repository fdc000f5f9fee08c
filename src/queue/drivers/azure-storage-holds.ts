import { randomUUID } from "node:crypto";
import type { LeaseRef } from "../queue.ts";
import type { AzureMessage } from "./azure-storage-client.ts";
import type { JobFrame } from "./azure-storage-frame.ts";

/** A message that this process holds under a lease. */
export interface Hold {
  readonly id: string;
  readonly messageId: string;
  /** The text as it came, from which a retry is written: handlers get the bytes and may change them. */
  readonly messageText: string;
  /** What is written down if the message goes back. */
  readonly counts: Pick<JobFrame, "attempts" | "crashes" | "dequeued">;
  /** Changes with every update; the one before is then refused. */
  receipt: string;
  /** On a steady clock. */
  endsAtMs: number;
  /** Settled in a claim that then failed: its caller settles it again, and is told that it is. */
  isSettled: boolean;
  /** What is under way with it. */
  busy: Promise<unknown>;
}

/**
 * The holds of this process by the lease that was handed out. A lease stays the same for as long as a job is held, while
 * the receipt that the service knows it by does not.
 */
export class Holds {
  readonly #byLease = new Map<string, Hold>();

  /** Takes a message over; answers its lease. */
  add(id: string, message: AzureMessage, counts: Hold["counts"], endsAtMs: number): string {
    const { messageId, messageText, popReceipt: receipt } = message;
    const lease = randomUUID();
    this.#byLease.set(lease, { id, messageId, messageText, counts, receipt, endsAtMs, isSettled: false, busy: Promise.resolve() });
    return lease;
  }

  /** Uses a hold when earlier uses of it have ended, as each may change the receipt. False where nothing is held. */
  async use({ id, lease }: LeaseRef, work: (hold: Hold) => Promise<boolean>): Promise<boolean> {
    const hold = this.#byLease.get(lease);
    if (!hold || hold.id !== id) return false;
    const turn = hold.busy.then(() => this.#byLease.get(lease) === hold && work(hold));
    hold.busy = turn.catch(() => {});
    const isHeld = await turn;
    if (!isHeld) this.#byLease.delete(lease);
    return isHeld;
  }

  forget(leases: readonly LeaseRef[]): void {
    for (const { lease } of leases) this.#byLease.delete(lease);
  }

  /** Forgets holds whose lease ended before this time: nobody has settled them, nor will. */
  forgetEndedBefore(ms: number): void {
    for (const [lease, { endsAtMs }] of this.#byLease) if (endsAtMs < ms) this.#byLease.delete(lease);
  }
}
