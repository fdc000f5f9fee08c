import { type Clock, elapsedMs } from "../clock.ts";
import type { Outage } from "./outage.ts";
import type { LeaseRef, Queue } from "./queue.ts";
import { sleepFor, unlessAborted } from "./wake.ts";

/** What {@link keepLeases} needs. */
export interface LeaseKeeping {
  readonly queue: Queue;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly outage: Outage;
  /** The holds that are to be kept. */
  readonly leases: () => readonly LeaseRef[];
  /** They last until then, in steady time; `lost` have passed to others, or are over. */
  readonly onRenewed: (leases: readonly LeaseRef[], until: number, lost: readonly LeaseRef[]) => void;
  readonly onFailed: () => void;
}

/** Extends leases three times as often as they would run out, and more often while the engine fails, until the signal. */
export async function keepLeases(keeping: LeaseKeeping, signal: AbortSignal): Promise<void> {
  const { clock, leaseMs } = keeping;
  for (let waitMs = leaseMs / 3; await sleepFor(clock, waitMs, signal); ) {
    waitMs = (await renew(keeping, signal)) ? leaseMs / 3 : leaseMs / 12;
  }
}

async function renew({ queue, clock, leaseMs, outage, leases, onRenewed, onFailed }: LeaseKeeping, signal: AbortSignal): Promise<boolean> {
  const held = leases();
  const until = elapsedMs(clock) + leaseMs;
  try {
    const lost = held.length > 0 ? await unlessAborted(queue.renew(held, leaseMs), signal) : [];
    outage.end("renew");
    onRenewed(held, until, lost);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    outage.note("renew", error);
    onFailed();
    return false;
  }
}
