import { ApplicationError } from "../errors.ts";
import type { NewJob } from "../job.ts";
import type { Queue } from "../queue/queue.ts";
import type { Acceptance, AcceptanceResult, Store } from "../store/store.ts";
import { type OutboxCarrier, outboxLeaseMs } from "./outbox.ts";
import { settleWithin } from "./settle-within.ts";

/** Where the jobs of a delivery go. */
export type InboxMode =
  /** Into the queue, in the commit that records the delivery: queue and store share a database. */
  | "queue"
  /** Into the store's outbox, in the commit that records the delivery, and from there to a queue elsewhere. */
  | "outbox"
  /** Straight to the queue, because the store forgets when the process ends; the delivery is recorded afterwards. */
  | "direct";

/** What an inbox needs. */
export interface InboxOptions {
  readonly queue: () => Promise<Queue>;
  readonly store: () => Promise<Store>;
  readonly outbox: OutboxCarrier;
  /** Longest wait for the database or the engine, in milliseconds. */
  readonly waitMs: number;
  /** Bytes of jobs that may still be on their way when nobody waits for them any more. With more, new ones are refused at once. */
  readonly maxLateBytes: number;
}

/** Takes on what a delivery leaves to be done, so that it survives a crash before the provider is told 2xx. */
export class Inbox {
  readonly #options: InboxOptions;
  #mode: Promise<InboxMode> | undefined;
  /** What a database that does not answer holds of requests that have been answered: their share of the budget is free again. */
  #lateBytes = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Where jobs go; found out once. */
  mode(): Promise<InboxMode> {
    this.#mode ??= this.#findMode().catch((error: unknown) => {
      this.#mode = undefined;
      throw error;
    });
    return this.#mode;
  }

  /**
   * Stores jobs and, where one commit can do both, the record that the delivery was handled. `sent` says that the record is still to
   * be made.
   *
   * @throws ApplicationError `queue_unavailable` where they may not have been stored.
   */
  async accept(acceptance: Omit<Acceptance, "to">): Promise<AcceptanceResult | { readonly state: "sent" }> {
    try {
      if (this.#lateBytes >= this.#options.maxLateBytes) throw tooSlow();
      const accepting = this.#accept(acceptance);
      return await settleWithin(accepting, this.#options.waitMs, () => {
        this.#countUntilSettled(accepting, acceptance.jobs);
        return tooSlow();
      });
    } catch (cause) {
      throw new ApplicationError("queue_unavailable", undefined, { cause, headers: { "retry-after": "5" } });
    }
  }

  #countUntilSettled(accepting: Promise<unknown>, jobs: readonly NewJob[]): void {
    const bytes = jobs.reduce((sum, { body, head }) => sum + body.byteLength + head.length + bytesBesides, 0);
    this.#lateBytes += bytes;
    const settled = (): void => {
      this.#lateBytes -= bytes;
    };
    accepting.then(settled, settled);
  }

  async #accept(acceptance: Omit<Acceptance, "to">): Promise<AcceptanceResult | { readonly state: "sent" }> {
    const mode = await this.mode();
    if (mode === "direct") {
      await this.#send(acceptance.jobs);
      return { state: "sent" };
    }
    const store = await this.#options.store();
    const leaseMs = mode === "outbox" ? outboxLeaseMs : acceptance.leaseMs;
    const result = await store.acceptDelivery({ ...acceptance, leaseMs, to: mode });
    if (mode === "outbox" && result.state === "accepted") this.#options.outbox.handOn(acceptance.jobs);
    return result;
  }

  async #send(jobs: readonly NewJob[]): Promise<void> {
    const queue = await this.#options.queue();
    await Promise.all(jobs.map((job) => queue.send(job)));
  }

  async #findMode(): Promise<InboxMode> {
    const [queue, store] = await Promise.all([this.#options.queue(), this.#options.store()]);
    if (queue.location !== undefined && queue.location === store.location) return "queue";
    return store.isDurable ? "outbox" : "direct";
  }
}

/** What a job takes beside its content, roughly. */
const bytesBesides = 1_024;

function tooSlow(): Error {
  return new Error("It did not answer in time.");
}
