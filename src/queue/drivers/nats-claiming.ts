import { type Clock, elapsedMs } from "../../clock.ts";
import type { LeasedJob } from "../queue.ts";
import type { NatsEngine, NatsTools } from "./nats-engine.ts";
import type { NatsHolds } from "./nats-holds.ts";
import { decodeMessage } from "./nats-message.ts";
import { type NatsDelivery, pull } from "./nats-pull.ts";
import { firstState, type NatsState, type NatsStates } from "./nats-states.ts";

/** What claiming and settling work with. */
export interface NatsParts {
  readonly engine: NatsEngine;
  readonly states: NatsStates;
  readonly holds: NatsHolds;
  readonly clock: Clock;
}

/** Longest time that one claim spends on jobs that are not due. */
const longestSearchMs = 500;
/** Longest time for which a message is put off at once; then it is looked at again. */
const longestNakMs = 24 * 60 * 60 * 1_000;
const nanosecondsPerMs = 1_000_000;

/** Jobs, and whether there may be more that are due. */
export interface NatsClaimed {
  readonly jobs: readonly LeasedJob[];
  readonly isAll: boolean;
}

/**
 * Takes due jobs. JetStream 2.9 knows no message that is delivered later, so a job that is not due is handed out once, put off until its
 * time, and passed over.
 */
export class NatsClaiming {
  readonly #parts: NatsParts;

  constructor(parts: NatsParts) {
    this.#parts = parts;
  }

  async claim(limit: number, leaseMs: number, tools: NatsTools): Promise<NatsClaimed> {
    const { engine, clock } = this.#parts;
    await engine.holdFor(leaseMs, tools);
    const jobs: LeasedJob[] = [];
    const giveUpAt = elapsedMs(clock) + longestSearchMs;
    for (;;) {
      const round = await this.#claimSome(limit - jobs.length, leaseMs, tools).catch((error) => {
        if (jobs.length === 0) throw error;
        return { jobs: [], isAll: true }; // what is held already must reach its worker
      });
      jobs.push(...round.jobs);
      if (round.isAll || jobs.length === limit || elapsedMs(clock) > giveUpAt) return { jobs, isAll: round.isAll };
    }
  }

  async #claimSome(limit: number, leaseMs: number, tools: NatsTools): Promise<NatsClaimed> {
    const { engine, clock } = this.#parts;
    const until = elapsedMs(clock) + leaseMs;
    const { deliveries, isAll } = await pull(tools, { stream: engine.names.jobs, limit, timeoutMs: engine.settings.timeoutMs });
    const taken = await Promise.allSettled(deliveries.map((delivery) => this.#take(delivery, until, tools)));
    const jobs = taken.flatMap((each) => (each.status === "fulfilled" ? (each.value ?? []) : []));
    const failure = taken.find((each) => each.status === "rejected");
    if (failure && jobs.length === 0) throw failure.reason;
    return { jobs, isAll: isAll || failure !== undefined };
  }

  /** Holds a job that is due; puts another off. */
  async #take(delivery: NatsDelivery, until: number, tools: NatsTools): Promise<LeasedJob | undefined> {
    const { engine, states, holds, clock } = this.#parts;
    const { sequence, deliveries, data, reply, storedAt } = delivery;
    const { dueAt: firstDueAt = 0, ...message } = decodeMessage(data, sequence, engine.room);
    const mayHaveState = deliveries > 1 || engine.isOlderThanConsumer(storedAt);
    const state = mayHaveState ? await states.read(sequence, tools) : undefined;
    const waitMs = (state?.dueAt ?? firstDueAt) - clock.now().getTime();
    if (waitMs > 0) {
      const dueAt = state?.dueAt ?? firstDueAt;
      await states.write(sequence, { ...(state ?? firstState), deliveries, dueAt }, tools);
      await this.giveBack(reply, dueAt, tools);
      return undefined;
    }
    const { id, handler, head, body, group } = message;
    const job = { id, handler, head, body, group, ...countsOf(delivery, state ?? firstState), lease: reply };
    holds.add({ job, sequence, deliveries, stateSequence: state?.sequence, until, isSettled: false });
    return job;
  }

  /** Has a message delivered again at a time. What is then to be known of it has been written: a crash in between makes it come late. */
  async giveBack(reply: string, dueAt: number, tools: NatsTools): Promise<void> {
    const { engine, clock } = this.#parts;
    const waitMs = Math.min(Math.max(0, dueAt - clock.now().getTime()), longestNakMs);
    const answer = waitMs > 0 ? `-NAK ${JSON.stringify({ delay: waitMs * nanosecondsPerMs })}` : "-NAK";
    await tools.connection.request(reply, answer, { timeout: engine.settings.timeoutMs });
  }
}

/**
 * Deliveries that the state does not know of ended without a settlement, but for this one. A server that was killed may have forgotten some,
 * so there is at least this one.
 */
function countsOf({ deliveries }: NatsDelivery, state: NatsState): { readonly attempt: number; readonly crashes: number } {
  const unknown = Math.max(1, deliveries - state.deliveries);
  return { attempt: state.attempts + unknown, crashes: state.crashes + unknown - 1 };
}
