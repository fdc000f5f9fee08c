import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import type { DeliveryClaim, DeliveryKey, Store } from "../store.ts";

interface Delivery {
  readonly bodyChecksum: number;
  readonly claim: string;
  readonly isDone: boolean;
  readonly expiresAt: number;
}

/** How many deliveries each completion looks at for expired ones. More than one, so that the store shrinks faster than it grows. */
const sweepSize = 8;

/** A store for tests and trials: it keeps every promise of {@link Store} within one process, until that ends. */
export function memoryStore({ clock = systemClock }: { readonly clock?: Clock } = {}): Store {
  return new MemoryStore(clock);
}

class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #deliveries = new Map<string, Delivery>();
  #sweep = this.#deliveries.entries();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async claimDelivery(key: DeliveryKey, { leaseMs }: { readonly leaseMs: number }): Promise<DeliveryClaim> {
    this.#assertOpen();
    const known = this.#deliveries.get(keyText(key));
    const now = this.#now();
    if (!known || known.expiresAt <= now) {
      const claim = randomUUID();
      this.#deliveries.set(keyText(key), { bodyChecksum: key.bodyChecksum, claim, isDone: false, expiresAt: now + leaseMs });
      return { state: "claimed", claim };
    }
    return known.isDone ? { state: "done", sameBody: known.bodyChecksum === key.bodyChecksum } : { state: "running" };
  }

  async completeDelivery(key: DeliveryKey, claim: string, { retentionMs }: { readonly retentionMs: number }): Promise<void> {
    this.#assertOpen();
    const known = this.#held(key, claim);
    if (known) this.#deliveries.set(keyText(key), { ...known, isDone: true, expiresAt: this.#now() + retentionMs });
    this.#sweepSome();
  }

  async releaseDelivery(key: DeliveryKey, claim: string): Promise<void> {
    this.#assertOpen();
    if (this.#held(key, claim)) this.#deliveries.delete(keyText(key));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#deliveries.clear();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new ConfigurationError("closed");
  }

  #now(): number {
    return this.#clock.now().getTime();
  }

  #held(key: DeliveryKey, claim: string): Delivery | undefined {
    const known = this.#deliveries.get(keyText(key));
    return known && known.claim === claim && !known.isDone ? known : undefined;
  }

  /** Goes round all deliveries, a few at each call. */
  #sweepSome(): void {
    const now = this.#now();
    for (let count = 0; count < sweepSize; count++) {
      const next = this.#sweep.next();
      if (next.done) {
        this.#sweep = this.#deliveries.entries();
        return;
      }
      const [key, delivery] = next.value;
      if (delivery.expiresAt <= now) this.#deliveries.delete(key);
    }
  }
}

function keyText({ receiver, id, deliveryId }: DeliveryKey): string {
  return JSON.stringify([receiver, id, deliveryId]);
}
