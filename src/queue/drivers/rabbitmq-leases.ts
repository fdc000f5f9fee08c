import { randomUUID } from "node:crypto";
import { type Clock, elapsedMs } from "../../clock.ts";
import type { LeasedJob, LeaseRef } from "../queue.ts";
import type { RabbitmqChannel } from "./rabbitmq-connection.ts";
import type { Delivery } from "./rabbitmq-consumer.ts";
import { readCounts, readJob } from "./rabbitmq-frame.ts";

/** A hold of a worker on a message. */
export interface Lease {
  readonly ref: LeaseRef;
  readonly delivery: Delivery & { readonly message: Buffer };
  /** Claims up to now, this one included, and how many before it were not settled. */
  readonly attempt: number;
  readonly crashes: number;
  endsAtMs: number;
}

/** Who holds what, and until when: AMQP has no leases that end by time, so this process counts for itself. */
export class Leases {
  readonly #clock: Clock;
  readonly #leases = new Map<string, Lease>();
  /** Makes leases of other processes, and of this one before it was started anew, unknown here. */
  readonly #origin = randomUUID();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#leases.size;
  }

  grant(delivery: Lease["delivery"], leaseMs: number): LeasedJob {
    const { attempts, crashes } = readCounts(delivery.message);
    const job = readJob(delivery.message);
    const lease = `${this.#origin}.${++this.#count}`;
    const counts = { attempt: attempts + delivery.redeliveries + 1, crashes: crashes + delivery.redeliveries };
    this.#leases.set(lease, { ref: { id: job.id, lease }, delivery, ...counts, endsAtMs: this.#now() + leaseMs });
    return { ...job, ...counts, lease };
  }

  /** Ends a lease that still lasts. */
  take({ id, lease }: LeaseRef): Lease | undefined {
    const held = this.#find(id, lease);
    if (held) this.#leases.delete(lease);
    return held;
  }

  /** What is held under those of these leases that still last. */
  deliveriesOf(refs: readonly LeaseRef[]): readonly Delivery[] {
    return refs.flatMap(({ id, lease }) => this.#find(id, lease)?.delivery ?? []);
  }

  /** Undoes `take`. */
  putBack(held: Lease): void {
    this.#leases.set(held.ref.lease, held);
  }

  /** Whether the lease still lasted; if so, it lasts `leaseMs` from now. */
  renew({ id, lease }: LeaseRef, leaseMs: number): boolean {
    const held = this.#find(id, lease);
    if (held) held.endsAtMs = this.#now() + leaseMs;
    return held !== undefined;
  }

  /** Ends those whose time is over. */
  takeExpired(): readonly Lease[] {
    const now = this.#now();
    const expired = [...this.#leases.values()].filter(({ endsAtMs }) => endsAtMs <= now);
    for (const { ref } of expired) this.#leases.delete(ref.lease);
    return expired;
  }

  /** When the next lease runs out; `Infinity` where there is none. */
  get nextEndMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { endsAtMs } of this.#leases.values()) earliest = Math.min(earliest, endsAtMs);
    return earliest;
  }

  /** Forgets what was held through a channel: the broker gives it to others. */
  drop(channel: RabbitmqChannel): void {
    for (const { ref, delivery } of this.#leases.values()) {
      if (delivery.channel === channel) this.#leases.delete(ref.lease);
    }
  }

  #find(id: string, lease: string): Lease | undefined {
    const held = this.#leases.get(lease);
    return held && held.ref.id === id && held.endsAtMs > this.#now() ? held : undefined;
  }

  #now(): number {
    return elapsedMs(this.#clock);
  }
}
