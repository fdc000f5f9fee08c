import type { Settlement } from "../queue.ts";
import type { BullBackend } from "./redis-engine.ts";
import { encodeId, type Hold, parseLease } from "./redis-job.ts";

/**
 * Ends a lease. The attempts that BullMQ counts as made (`atm`, which its scripts raise by one in some of these) are kept equal to
 * the attempts of the contract, in which a crash counts. Rejects with one of BullMQ's own errors where the lease is lost;
 * see {@link isSettled}.
 */
async function settle(backend: BullBackend, settlement: Settlement, now: number): Promise<boolean> {
  const hold = parseLease(settlement.lease);
  if (!hold) return false;
  const { token, attempt } = hold;
  const id = encodeId(settlement.id);
  switch (settlement.outcome) {
    case "acknowledge":
      await backend.moveToFinished(id, backend.moveToCompletedArgs({ id, opts: {} }, "null", true, token, false));
      return true;
    case "release":
      await release(backend, id, settlement.dueAt, now, hold);
      return true;
    case "retry": {
      const fieldsToUpdate = { stc: 0, atm: attempt - 1, failedReason: settlement.reason };
      await backend.moveToDelayed(id, now, until(settlement.dueAt, now), token, { skipAttempt: false, fieldsToUpdate });
      return true;
    }
    case "dead": {
      const job = { id, opts: { attempts: attempt } };
      const fields = { stc: 0, ats: 0, atm: attempt - 1 }; // so that a retry with a tool of BullMQ begins afresh too
      await backend.moveToFinished(id, backend.moveToFailedArgs(job, settlement.reason, false, token, false, fields));
      return true;
    }
    default:
      return settlement satisfies never;
  }
}

/** Gives the attempt back; without a time the job is the next to be handed out. */
async function release(backend: BullBackend, id: string, dueAt: Date | undefined, now: number, { token, attempt }: Hold): Promise<void> {
  const ats = attempt - 1;
  if (!dueAt) await backend.retryJob(id, true, token, { fieldsToUpdate: { ats, atm: ats - 1 } });
  else await backend.moveToDelayed(id, now, until(dueAt, now), token, { skipAttempt: true, fieldsToUpdate: { ats, atm: ats } });
}

/** Ends leases, in calls that may fail for other reasons. */
export class RedisSettling {
  /** Leases that have ended, though the call failed: its caller will ask again. */
  readonly #settled = new Set<string>();

  /** Whether each was ended. Begun before this returns. */
  begin(backend: BullBackend, settlements: readonly Settlement[], now: number): readonly Promise<boolean>[] {
    return settlements.map((settlement) => {
      return this.#settled.delete(settlement.lease) ? Promise.resolve(true) : isSettled(settle(backend, settlement, now));
    });
  }

  remember(ended: readonly Settlement[]): void {
    for (const { lease } of ended) this.#settled.add(lease);
  }
}

/** What BullMQ's scripts answer where a job is gone (-1), its lock has run out (-2), it is not active (-3), or another holds it (-6). */
const lostCodes: readonly unknown[] = [-1, -2, -3, -6];

/** Whether a settlement was made: false where BullMQ refused it because the lease is lost. */
export async function isSettled(settling: Promise<boolean>): Promise<boolean> {
  try {
    return await settling;
  } catch (error) {
    if (lostCodes.includes((error as { readonly code?: unknown } | undefined)?.code)) return false;
    throw error;
  }
}

function until(dueAt: Date, now: number): number {
  return Math.max(0, dueAt.getTime() - now);
}
