import { type Clock, elapsedMs } from "../../clock.ts";
import { Alarm } from "./rabbitmq-alarm.ts";
import { type Arrivals, recounted } from "./rabbitmq-arrivals.ts";
import type { Consumer } from "./rabbitmq-consumer.ts";
import type { Leases } from "./rabbitmq-leases.ts";
import type { Mover } from "./rabbitmq-mover.ts";

/** What tidying takes. */
export interface TidyingOptions {
  readonly clock: Clock;
  readonly leases: Leases;
  readonly arrivals: Arrivals;
  readonly consumer: Consumer;
  readonly mover: Mover;
}

/** How long messages stay here that nobody claims. */
const idleMs = 1_000;

/** In time, takes back leases that have run out, and lets others have what nobody here claims. */
export class Tidying {
  readonly #options: TidyingOptions;
  readonly #alarm: Alarm;
  #claimedAtMs = 0;

  constructor(options: TidyingOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#tidy());
  }

  /** Somebody asks for messages. */
  noteClaim(): void {
    this.#claimedAtMs = this.#now();
    if (this.#options.arrivals.readyCount > 0) this.#alarm.setFor(this.#claimedAtMs + idleMs);
  }

  /** There are messages that nobody has asked for yet. */
  noteReady(): void {
    this.#alarm.setFor(Math.max(this.#claimedAtMs, this.#now()) + idleMs);
  }

  /** Leases have been given, or last on. */
  noteLeases(leaseMs = this.#options.leases.nextEndMs - this.#now()): void {
    if (this.#options.leases.size > 0) this.#alarm.setFor(this.#now() + leaseMs);
  }

  close(): void {
    this.#alarm.close();
  }

  #tidy(): void {
    const { leases, mover, arrivals } = this.#options;
    for (const { delivery, attempt, crashes } of leases.takeExpired()) {
      const again = recounted(delivery, { dueAtMs: 0, attempts: attempt, crashes: crashes + 1 });
      mover.forward(again).catch(() => arrivals.add(again));
    }
    const idleAtMs = this.#claimedAtMs + idleMs;
    if (arrivals.readyCount > 0 && idleAtMs <= this.#now()) this.#giveBackUnclaimed();
    else if (arrivals.readyCount > 0) this.#alarm.setFor(idleAtMs);
    this.noteLeases();
  }

  #giveBackUnclaimed(): void {
    const giveBack = () => this.#options.arrivals.giveBack();
    this.#options.consumer.stop().then(giveBack, giveBack);
  }

  #now(): number {
    return elapsedMs(this.#options.clock);
  }
}
