import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { isWebhookError } from "../../errors.ts";
import { isConflict, isRefusal } from "../../postgres/index.ts";
import type { NewJob } from "../queue.ts";

/** What one statement may carry. */
const largestGroup = { jobs: 512, bytes: 4 * 1024 * 1024 };

interface Sending {
  readonly job: NewJob;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Groups the jobs that are sent while the event loop turns, or while earlier groups are on their way: one statement for all of them.
 * With two groups on their way the server works on one while the other travels.
 */
export class GroupSender {
  readonly #insert: (jobs: readonly NewJob[]) => Promise<void>;
  readonly #groupsAtOnce: number;
  readonly #waiting: Sending[] = [];
  #onTheirWay = 0;
  #isTurnAwaited = false;

  constructor(insert: (jobs: readonly NewJob[]) => Promise<void>, { groupsAtOnce }: { readonly groupsAtOnce: number }) {
    this.#insert = insert;
    this.#groupsAtOnce = groupsAtOnce;
  }

  /** Resolves when the job's group has been committed. */
  send(job: NewJob): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, bytes: job.body.byteLength + job.head.length, resolve, reject });
      if (!this.#isTurnAwaited && this.#onTheirWay < this.#groupsAtOnce) void this.#sendAfterTurn();
    });
  }

  async #sendAfterTurn(): Promise<void> {
    this.#isTurnAwaited = true;
    await eventLoopTurn();
    this.#isTurnAwaited = false;
    while (this.#waiting.length > 0 && this.#onTheirWay < this.#groupsAtOnce) void this.#sendGroup(this.#nextGroup());
  }

  #nextGroup(): readonly Sending[] {
    let total = 0;
    let count = 0;
    for (const { bytes } of this.#waiting) {
      total += bytes;
      if (count > 0 && (count === largestGroup.jobs || total > largestGroup.bytes)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #sendGroup(group: readonly Sending[]): Promise<void> {
    this.#onTheirWay++;
    await this.#insertAll(group);
    this.#onTheirWay--;
    if (this.#waiting.length > 0 && !this.#isTurnAwaited) void this.#sendAfterTurn();
  }

  async #insertAll(group: readonly Sending[]): Promise<void> {
    try {
      await this.#insert(group.map(({ job }) => job));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length > 1 && concernsSome(error)) for (const each of group) await this.#insertAll([each]);
      else for (const { reject } of group) reject(error);
    }
  }
}

/**
 * Whether the jobs may pass one by one: the server refused some of them, or they could not be written down (an error that is not
 * ours), or another group has ids of this one in another order, and the server ended the one to let the other through.
 */
function concernsSome(error: unknown): boolean {
  return isRefusal(error) || isConflict(error) || !isWebhookError(error);
}
