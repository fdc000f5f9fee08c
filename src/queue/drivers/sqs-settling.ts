import { type Clock, elapsedMs } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import type { LeaseRef, Settlement } from "../queue.ts";
import { type SqsCalls, type SqsOutcome, throwFirstFailure } from "./sqs-calls.ts";
import type { SqsHold, SqsHolds } from "./sqs-holds.ts";
import type { SqsJob } from "./sqs-message.ts";

/** What settling needs. */
export interface SqsSettlingOptions {
  readonly calls: SqsCalls;
  readonly holds: SqsHolds;
  readonly clock: Clock;
  /** Sends a message; resolves when SQS has it. */
  readonly send: (job: SqsJob, dueAt: Date | undefined) => Promise<void>;
}

/** Settlements that were refused, and the holds of the others, which are to be removed when the whole call has succeeded. */
export interface SqsSettled {
  readonly lost: readonly LeaseRef[];
  readonly settled: readonly SqsHold[];
}

/**
 * Ends leases. A call that fails half-way is repeated by its caller, so each hold remembers how far its own settlement came, and
 * the repetition does only the rest.
 */
export class SqsSettling {
  readonly #options: SqsSettlingOptions;

  constructor(options: SqsSettlingOptions) {
    this.#options = options;
  }

  async settle(settlements: readonly Settlement[]): Promise<SqsSettled> {
    if (settlements.some(({ outcome }) => outcome === "dead")) throw noDeadLetters();
    const { holds, clock } = this.#options;
    const now = elapsedMs(clock);
    const held = new Map<SqsHold, Settlement>();
    const lost: LeaseRef[] = [];
    for (const settlement of settlements) {
      const hold = holds.get(settlement, now);
      if (hold && !held.has(hold)) held.set(hold, settlement);
      else lost.push(settlement);
    }
    const moved = await Promise.all([...held].map(([hold, settlement]) => this.#sendAgain(hold, settlement)));
    const deleted = await this.#delete([...held].filter(isToBeDeleted));
    throwFirstFailure([...moved, ...deleted.outcomes]);
    holds.sweep(now);
    return { lost: [...lost, ...deleted.lost], settled: [...held.keys()] };
  }

  /** Sends what replaces a job that is to come again. Only then is the old message deleted: a crash in between doubles the job. */
  async #sendAgain(hold: SqsHold, settlement: Settlement): Promise<SqsOutcome> {
    if (hold.state !== "held" || settlement.outcome === "acknowledge" || settlement.outcome === "dead") return "done";
    try {
      await this.#options.send(nextJob(hold, settlement), settlement.dueAt);
      hold.state = "moved";
      return "done";
    } catch (error) {
      return error as Error;
    }
  }

  async #delete(
    ending: readonly (readonly [SqsHold, Settlement])[],
  ): Promise<{ readonly outcomes: readonly SqsOutcome[]; readonly lost: readonly LeaseRef[] }> {
    const outcomes = await this.#options.calls.delete(handlesOf(ending.map(([hold]) => hold)));
    const lost: LeaseRef[] = [];
    for (const [index, [hold, settlement]] of ending.entries()) {
      if (outcomes[index] === "gone") lost.push(settlement);
      else if (outcomes[index] === "done") hold.state = "settled";
    }
    return { outcomes, lost };
  }
}

/** The names of holds. */
export function handlesOf(holds: readonly SqsHold[]): readonly string[] {
  return holds.map(({ handle }) => handle);
}

/** What every method says that would need dead letters. */
export function noDeadLetters(): ConfigurationError {
  return new ConfigurationError("unsupported", "An SQS queue keeps no dead letters: the store keeps them.");
}

function isToBeDeleted([{ state }, { outcome }]: readonly [SqsHold, Settlement]): boolean {
  return state === "moved" || (state === "held" && outcome === "acknowledge");
}

function nextJob({ job, attempt, crashes }: SqsHold, settlement: Extract<Settlement, { outcome: "release" | "retry" }>): SqsJob {
  if (settlement.outcome === "release") return { ...job, attempts: attempt - 1, crashes };
  return { ...job, attempts: attempt, crashes: 0, reason: settlement.reason };
}
