import { crc32 } from "node:zlib";
import type { Clock } from "../clock.ts";
import { ApplicationError, describeError } from "../errors.ts";
import type { NewJob } from "../job.ts";
import type { Logger } from "../logger.ts";
import type { DeliveryClaim, DeliveryKey, Store } from "../store/store.ts";
import type { Delivery } from "./delivery.ts";
import type { Inbox } from "./inbox.ts";
import { settleWithin } from "./settle-within.ts";

/** What remembering deliveries needs. */
export interface DeduplicatorOptions {
  readonly store: () => Promise<Store>;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a handled delivery is remembered. */
  readonly retentionMs: number;
  /** How long a claim lasts whose process died. */
  readonly leaseMs: number;
  /** Longest wait for the store, and for another copy that is being handled. */
  readonly waitMs: number;
}

/** The right to run a delivery. Exactly one of the three is called; `release` also after an `accept` that threw. */
export interface DeliveryRun {
  /** Stores what is left to be done and records that the delivery ran; false if it turns out that another copy was first. */
  accept(jobs: readonly NewJob[]): Promise<boolean>;
  /** Records that it ran. The answer need not wait for that: a copy that comes to this process does, and a crash may lose it. */
  complete(): void;
  release(): Promise<void>;
}

/**
 * Lets each delivery run once. A copy that comes while the first runs waits for it: it is a duplicate if the first
 * succeeds and runs itself if the first fails, so no copy is ever told 2xx for work that then fails.
 */
export class Deduplicator {
  readonly #options: DeduplicatorOptions;
  readonly #running = new Map<string, Promise<void>>();
  /** What is still to be written of deliveries that have been answered. */
  readonly #completing = new Set<Promise<void>>();

  constructor(options: DeduplicatorOptions) {
    this.#options = options;
  }

  /**
   * Claims a delivery; undefined if it has been handled before. One whose run does nothing but store jobs is not claimed before
   * it is accepted, where one commit does both: that saves the claim, and of two copies at once only one is accepted.
   *
   * @throws ApplicationError `delivery_running` if another copy still runs after the wait, `store_unavailable`.
   */
  async claim(delivery: Delivery, deliveryId: string, { onlyStores }: { readonly onlyStores: boolean }): Promise<DeliveryRun | undefined> {
    const key: DeliveryKey = { receiver: delivery.receiver, id: delivery.id, deliveryId, bodyChecksum: crc32(delivery.rawBody) };
    if (onlyStores && (await this.#mode()) !== "direct") return this.#unclaimed(key);
    const name = JSON.stringify([key.receiver, key.id, key.deliveryId]);
    const { clock, waitMs } = this.#options;
    const giveUpAt = performance.now() + waitMs;
    for (;;) {
      const other = this.#running.get(name);
      if (other) {
        await settleWithin(other, Math.max(0, giveUpAt - performance.now()), stillRunning);
        continue;
      }
      const result = await this.#try(name, key);
      if (result !== "running") return result;
      if (performance.now() >= giveUpAt) throw stillRunning();
      await clock.sleep(50);
    }
  }

  /** A run of no delivery that is remembered. */
  unremembered(): DeliveryRun {
    const { inbox, retentionMs, leaseMs } = this.#options;
    return {
      accept: async (jobs) => {
        await inbox.accept({ key: undefined, claim: undefined, retentionMs, leaseMs, jobs });
        return true;
      },
      complete: () => {},
      release: async () => {},
    };
  }

  /** Resolves once every completion has been recorded, or has failed to be. */
  async settled(): Promise<void> {
    while (this.#completing.size > 0) await Promise.all(this.#completing);
  }

  async #try(name: string, key: DeliveryKey): Promise<DeliveryRun | undefined | "running"> {
    let finish: () => void = () => {};
    this.#running.set(
      name,
      new Promise((resolve) => {
        finish = resolve;
      }),
    );
    const done = (): void => {
      this.#running.delete(name);
      finish();
    };
    try {
      const store = await this.#options.store();
      const claiming = store.claimDelivery(key, { leaseMs: this.#options.leaseMs });
      const result = await settleWithin(claiming, this.#options.waitMs, () => {
        this.#releaseLate(store, key, claiming);
        return storeIsSlow();
      });
      if (result.state === "claimed") return this.#run(store, key, result.claim, done);
      done();
      if (result.state === "running") return "running";
      this.#noteConflict(key, result);
      return undefined;
    } catch (cause) {
      done();
      throw new ApplicationError("store_unavailable", undefined, { cause, headers: { "retry-after": "5" } });
    }
  }

  /** What nobody waits for any more must not keep the provider's next try waiting until its lease has run out. */
  #releaseLate(store: Store, key: DeliveryKey, claiming: Promise<DeliveryClaim>): void {
    claiming.then(
      (result) => {
        if (result.state === "claimed") void this.#run(store, key, result.claim, () => {}).release();
      },
      () => {}, // whoever waited has been told that the store did not answer
    );
  }

  async #mode(): Promise<string> {
    try {
      return await settleWithin(this.#options.inbox.mode(), this.#options.waitMs, storeIsSlow);
    } catch (cause) {
      throw new ApplicationError("store_unavailable", undefined, { cause, headers: { "retry-after": "5" } });
    }
  }

  #noteConflict(key: DeliveryKey, { sameBody }: Extract<DeliveryClaim, { readonly state: "done" }>): void {
    if (sameBody) return;
    this.#options.logger.warn(
      { receiver: key.receiver, id: key.id, deliveryId: key.deliveryId, code: "delivery_conflict" },
      "a delivery id came again with another body; it was not run",
    );
  }

  #unclaimed(key: DeliveryKey): DeliveryRun {
    return {
      accept: (jobs) => this.#accept(key, undefined, jobs),
      complete: () => {}, // without jobs there is nothing that a second copy could repeat
      release: async () => {},
    };
  }

  /** Stores jobs with the record; waits for another copy that runs, and then is a duplicate or the one that is accepted. */
  async #accept(key: DeliveryKey, claim: string | undefined, jobs: readonly NewJob[]): Promise<boolean> {
    const { inbox, clock, retentionMs, leaseMs, waitMs } = this.#options;
    const giveUpAt = performance.now() + waitMs;
    for (;;) {
      const result = await inbox.accept({ key, claim, retentionMs, leaseMs, jobs });
      if (result.state === "accepted" || result.state === "sent") return true;
      if (result.state === "done") {
        this.#noteConflict(key, result);
        return false;
      }
      if (claim !== undefined || performance.now() >= giveUpAt) throw stillRunning();
      await clock.sleep(50);
    }
  }

  #run(store: Store, key: DeliveryKey, claim: string, done: () => void): DeliveryRun {
    const settle = async (what: string, write: () => Promise<void>): Promise<void> => {
      try {
        await settleWithin(write(), this.#options.waitMs, storeIsSlow);
      } catch (error) {
        // The outcome for the provider stands; the claim's lease ends by itself and a redelivery would run again.
        this.#options.logger.error(
          { receiver: key.receiver, id: key.id, deliveryId: key.deliveryId, error: describeError(error) },
          `could not ${what} a delivery in the store`,
        );
      } finally {
        done();
      }
    };
    const complete = async (): Promise<void> => {
      await settle("complete", () => store.completeDelivery(key, claim, { retentionMs: this.#options.retentionMs }));
      this.#completing.delete(completing);
    };
    let completing = Promise.resolve();
    const completeSoon = (): void => {
      completing = complete();
      this.#completing.add(completing);
    };
    return {
      accept: async (jobs) => {
        const isFirst = await this.#accept(key, claim, jobs);
        if ((await this.#mode()) === "direct") completeSoon();
        else done();
        return isFirst;
      },
      complete: completeSoon,
      release: () => settle("release", () => store.releaseDelivery(key, claim)),
    };
  }
}

function storeIsSlow(): Error {
  return new Error("The store did not answer in time.");
}

function stillRunning(): ApplicationError {
  return new ApplicationError("delivery_running", undefined, { headers: { "retry-after": "5" } });
}
