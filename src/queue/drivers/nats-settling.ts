import { elapsedMs } from "../../clock.ts";
import type { LeaseRef, Settlement } from "../queue.ts";
import type { NatsClaiming, NatsParts } from "./nats-claiming.ts";
import type { NatsDeadLetters } from "./nats-dead-letters.ts";
import type { NatsTools } from "./nats-engine.ts";
import type { NatsHold } from "./nats-holds.ts";

/** Settlements that were refused, and the holds of the others, which are to be removed when the whole call has succeeded. */
export interface NatsSettled {
  readonly lost: readonly LeaseRef[];
  readonly settled: readonly NatsHold[];
}

interface SettlingParts extends NatsParts {
  readonly claiming: NatsClaiming;
  readonly deadLetters: NatsDeadLetters;
}

/**
 * Ends leases. A call that fails half-way is repeated by its caller, so a hold remembers that it has been settled. Each step may be done
 * twice, and the message is removed last, so that a crash in between loses nothing.
 */
export class NatsSettling {
  readonly #parts: SettlingParts;

  constructor(parts: SettlingParts) {
    this.#parts = parts;
  }

  async settle(settlements: readonly Settlement[], tools: NatsTools): Promise<NatsSettled> {
    const { holds, clock } = this.#parts;
    const now = elapsedMs(clock);
    const held = new Map<NatsHold, Settlement>();
    const lost: LeaseRef[] = [];
    for (const settlement of settlements) {
      const hold = holds.get(settlement, now);
      if (hold && !held.has(hold)) held.set(hold, settlement);
      else lost.push(settlement);
    }
    const ends = await Promise.allSettled([...held].map(([hold, settlement]) => this.#end(hold, settlement, tools)));
    const failure = ends.find((end) => end.status === "rejected");
    if (failure) throw failure.reason;
    holds.sweep(now);
    return { lost, settled: [...held.keys()] };
  }

  async #end(hold: NatsHold, settlement: Settlement, tools: NatsTools): Promise<void> {
    if (hold.isSettled) return;
    await this.#endLease(hold, settlement, tools);
    hold.isSettled = true;
  }

  #endLease(hold: NatsHold, settlement: Settlement, tools: NatsTools): Promise<void> {
    const { attempt, crashes } = hold.job;
    switch (settlement.outcome) {
      case "acknowledge":
        return this.#remove(hold, tools);
      case "release":
        return this.#putOff(hold, { attempts: attempt - 1, crashes, dueAt: settlement.dueAt }, tools);
      case "retry":
        return this.#putOff(hold, { attempts: attempt, crashes: 0, dueAt: settlement.dueAt }, tools);
      case "dead":
        return this.#bury(hold, settlement.reason, tools);
      default:
        return settlement satisfies never;
    }
  }

  /**
   * Written down, it is settled. Where the rest fails, the job comes again when its lease has run out: a repetition might take it from a
   * worker that holds it by then.
   */
  async #putOff(
    hold: NatsHold,
    { attempts, crashes, dueAt }: { readonly attempts: number; readonly crashes: number; readonly dueAt: Date | undefined },
    tools: NatsTools,
  ): Promise<void> {
    const { states, claiming } = this.#parts;
    const { job, sequence, deliveries } = hold;
    await states.write(sequence, { deliveries, attempts, crashes, ...(dueAt ? { dueAt: dueAt.getTime() } : {}) }, tools);
    hold.isSettled = true;
    await claiming.giveBack(job.lease, dueAt?.getTime() ?? 0, tools);
  }

  async #bury(hold: NatsHold, reason: string, tools: NatsTools): Promise<void> {
    const { deadLetters, clock } = this.#parts;
    await deadLetters.add(hold.job, { at: clock.now().getTime(), reason }, tools);
    await this.#remove(hold, tools);
  }

  /** Waits for the answer: until then the id counts as stored, and a job sent under it would be taken for this one. */
  async #remove({ job, stateSequence }: NatsHold, tools: NatsTools): Promise<void> {
    const { engine, states } = this.#parts;
    await tools.connection.request(job.lease, "+ACK", { timeout: engine.settings.timeoutMs });
    if (stateSequence !== undefined) await states.remove(stateSequence, tools);
  }
}
