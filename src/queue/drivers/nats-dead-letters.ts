import type { MsgRequest, StoredMsg } from "@nats-io/jetstream";
import type { JobPage, LeasedJob, StoredJob } from "../queue.ts";
import type { NatsEngine, NatsTools } from "./nats-engine.ts";
import { decodeMessage, encodeMessage, type NatsJob, subjectPart } from "./nats-message.ts";
import { deleteMessage, storeJob } from "./nats-storing.ts";

const defaultLimit = 100;

/** The stream of dead letters: one message for each id. */
export class NatsDeadLetters {
  readonly #engine: NatsEngine;

  constructor(engine: NatsEngine) {
    this.#engine = engine;
  }

  /** Keeps a copy of a job. A second one with the same id replaces the first. */
  async add(job: LeasedJob, death: { readonly at: number; readonly reason: string }, { client }: NatsTools): Promise<void> {
    const { id, handler, head, body, group, attempt } = job;
    const letter = { id, handler, head, body, group, dead: { ...death, attempts: attempt } };
    await client.publish(this.#subject(id), encodeMessage(letter, this.#engine.room));
  }

  /** A page by their order in the stream; one more is read to know whether there is another page. */
  async list({ limit = defaultLimit, after }: { readonly limit?: number; readonly after?: string }, tools: NatsTools): Promise<JobPage> {
    const { state } = await tools.manager.streams.info(this.#engine.names.dead);
    const letters: StoredMsg[] = [];
    let sequence = Number(after ?? 0);
    while (limit > 0 && letters.length <= limit) {
      const letter = await this.#next(sequence, tools);
      if (!letter) break;
      letters.push(letter);
      sequence = letter.seq;
    }
    const last = letters.at(limit - 1);
    return {
      jobs: letters.slice(0, limit).map((letter) => readLetter(this.#decode(letter))),
      total: state.messages,
      ...(letters.length > limit && last ? { next: String(last.seq) } : {}),
    };
  }

  /** Makes dead letters jobs again; answers how many. A crash in between leaves both. */
  async retry(ids: readonly string[] | "all", tools: NatsTools): Promise<number> {
    if (ids === "all") return this.#retryAll(tools);
    const retried = await Promise.all(
      [...new Set(ids)].map(async (id) => {
        const letter = await tools.manager.streams.getMessage(this.#engine.names.dead, { last_by_subj: this.#subject(id) });
        return letter ? this.#retryOne(letter, tools) : false;
      }),
    );
    return retried.filter(Boolean).length;
  }

  /** Deletes dead letters for good; answers how many. */
  async purge(ids: readonly string[] | "all", { manager }: NatsTools): Promise<number> {
    const { dead } = this.#engine.names;
    if (ids === "all") return (await manager.streams.purge(dead)).purged;
    const answers = await Promise.all(ids.map((id) => manager.streams.purge(dead, { filter: this.#subject(id) })));
    return answers.reduce((sum, { purged }) => sum + purged, 0);
  }

  /** Those that there are now: jobs that become dead letters again meanwhile are left to the next call. */
  async #retryAll(tools: NatsTools): Promise<number> {
    const { state } = await tools.manager.streams.info(this.#engine.names.dead);
    let count = 0;
    let letter = await this.#next(0, tools);
    while (letter && letter.seq <= state.last_seq) {
      if (await this.#retryOne(letter, tools)) count++;
      letter = await this.#next(letter.seq, tools);
    }
    return count;
  }

  /** Where the id has been sent again meanwhile, the letter goes: the job is to be done anyway. */
  async #retryOne(letter: StoredMsg, tools: NatsTools): Promise<boolean> {
    const { dead: _, dueAt: __, ...job } = this.#decode(letter);
    await storeJob(job, this.#engine, tools);
    return deleteMessage(this.#engine.names.dead, letter.seq, tools);
  }

  /** Asked of the stream's leader: other replicas may not have the newest letters yet. The client's type does not know this request. */
  #next(sequence: number, { manager }: NatsTools): Promise<StoredMsg | null> {
    const request = { seq: sequence + 1, next_by_subj: this.#subject() } as MsgRequest;
    return manager.streams.getMessage(this.#engine.names.dead, request);
  }

  #decode({ data, seq }: StoredMsg): NatsJob {
    return decodeMessage(data, seq, this.#engine.room);
  }

  #subject(id?: string): string {
    return `${this.#engine.names.jobs}.dead.${id === undefined ? "*" : subjectPart(id)}`;
  }
}

function readLetter({ id, handler, head, body, group, dead }: NatsJob): StoredJob {
  const deadAt = new Date(dead?.at ?? 0);
  return { id, handler, head, body, group, attempts: dead?.attempts ?? 0, dueAt: deadAt, deadAt, reason: dead?.reason ?? "" };
}
