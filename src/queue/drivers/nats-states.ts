import type { NatsTools } from "./nats-engine.ts";
import { deleteMessage } from "./nats-storing.ts";
import type { NatsNames } from "./nats-streams.ts";

/** What is known of a job that came back. JetStream counts deliveries only; this tells what those were. */
export interface NatsState {
  /** How often the message had been delivered when this was written. */
  readonly deliveries: number;
  /** How many of these deliveries counted as attempts. */
  readonly attempts: number;
  /** How many holders in a row had let their lease run out by then. */
  readonly crashes: number;
  /** Not before this time, in milliseconds. */
  readonly dueAt?: number;
}

/** The state of a job that has not come back yet. */
export const firstState: NatsState = { deliveries: 0, attempts: 0, crashes: 0 };

/** States by the sequence of the job's message, which no other message of the stream ever gets. */
export class NatsStates {
  readonly #names: NatsNames;

  constructor(names: NatsNames) {
    this.#names = names;
  }

  /** What is known of a job, and the message that holds it. */
  async read(sequence: number, { manager }: NatsTools): Promise<(NatsState & { readonly sequence: number }) | undefined> {
    const stored = await manager.streams.getMessage(this.#names.states, { last_by_subj: this.#subject(sequence) });
    return stored ? { ...stored.json<NatsState>(), sequence: stored.seq } : undefined;
  }

  async write(sequence: number, { deliveries, attempts, crashes, dueAt }: NatsState, { client }: NatsTools): Promise<void> {
    const state = { deliveries, attempts, crashes, ...(dueAt === undefined ? {} : { dueAt }) };
    await client.publish(this.#subject(sequence), JSON.stringify(state));
  }

  /** Forgets what one message holds. */
  async remove(stateSequence: number, tools: NatsTools): Promise<void> {
    await deleteMessage(this.#names.states, stateSequence, tools);
  }

  #subject(sequence: number): string {
    return `${this.#names.jobs}.state.${sequence}`;
  }
}
