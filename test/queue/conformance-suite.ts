import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach } from "@jest/globals";
import { capabilitiesOf, type QueueCapabilities } from "../../src/queue/capabilities.ts";
import type { ClaimResult, LeasedJob, NewJob, Queue, Settlement } from "../../src/queue/queue.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";

/** What the suite needs to know of a driver. */
export interface QueueUnderTest {
  /** A fresh, empty queue; on the given clock, where the engine has none of its own. */
  open(clock: ControllableClock): Promise<Queue>;
  /** Removes what `open` left; called after the queue has been closed. */
  cleanUp?(): Promise<void>;
  /** What the driver says that its engine cannot do; the suite checks that it says so, and that it is so. */
  readonly capabilities?: Partial<QueueCapabilities>;
  /** Given for an engine that has a clock of its own: a lease that is short, yet long for a few calls. The suite then really waits. */
  readonly realLeaseMs?: number;
}

/** A fresh queue for each test, and what the tests do with it. */
export class QueueSuite {
  /** What the engine is expected to do. */
  readonly can: QueueCapabilities;
  /** Whether the engine goes by a clock of its own. */
  readonly isReal: boolean;
  readonly leaseMs: number;
  /** Time during which nothing happens to be expected on a real clock: a good deal less than a lease. */
  readonly shortMs: number;
  #clock = controllableClock();
  #queue: Queue | undefined;

  /** Registers what runs before and after the tests of the suite at hand. */
  constructor({ open, cleanUp, capabilities = {}, realLeaseMs }: QueueUnderTest) {
    this.can = capabilitiesOf({ capabilities });
    this.isReal = realLeaseMs !== undefined;
    this.leaseMs = realLeaseMs ?? 60_000;
    this.shortMs = this.leaseMs / 4;
    beforeEach(async () => {
      this.#clock = controllableClock();
      this.#queue = await open(this.#clock);
    });
    afterEach(async () => {
      await this.#queue?.close();
      await cleanUp?.();
    });
  }

  get clock(): ControllableClock {
    return this.#clock;
  }

  get queue(): Queue {
    if (!this.#queue) throw new Error("There is a queue only while a test runs.");
    return this.#queue;
  }

  /** Lets time pass; a little more on a real clock, whose engine may look at it now and then only. */
  async pass(ms: number): Promise<void> {
    await (this.isReal ? delay(ms + this.leaseMs / 4) : this.#clock.advance(ms));
  }

  inMs(ms: number): Date {
    return new Date((this.isReal ? Date.now() : this.#clock.now().getTime()) + ms);
  }

  async claim(limit = 100, settle: readonly Settlement[] = []): Promise<readonly LeasedJob[]> {
    return (await this.queue.claim({ limit, leaseMs: this.leaseMs, settle })).jobs;
  }

  /** Claims until so many have come: an engine that pushes may need a moment. */
  async claimAll(count: number, batch = 100): Promise<readonly LeasedJob[]> {
    const jobs: LeasedJob[] = [];
    const giveUpAt = performance.now() + 10_000;
    while (jobs.length < count) {
      const claimed = await this.claim(Math.min(batch, count - jobs.length));
      jobs.push(...claimed);
      if (claimed.length > 0) continue;
      if (!this.isReal || performance.now() > giveUpAt) throw new Error(`${jobs.length} of ${count} jobs were due`);
      await delay(10);
    }
    return jobs;
  }

  async claimOne(): Promise<LeasedJob> {
    return (await this.claimAll(1))[0]!;
  }

  /** What is handed out when the engine has had the time to. */
  async claimNow(): Promise<readonly LeasedJob[]> {
    if (this.isReal) await delay(this.shortMs);
    return this.claim();
  }

  settle(...settlements: Settlement[]): Promise<ClaimResult> {
    return this.queue.claim({ limit: 0, leaseMs: this.leaseMs, settle: settlements });
  }

  async total(state: "open" | "dead" = "open"): Promise<number> {
    return (await this.queue.list({ state, limit: 0 })).total;
  }
}

/** A job with defaults for what a test does not care about. */
export function newJob(id: string, members: Partial<NewJob> = {}): NewJob {
  return { id, handler: "Work", head: "{}", body: Buffer.from(id), ...members };
}

/** What tells jobs apart. */
export const ids = (jobs: readonly { readonly id: string }[]): readonly string[] => jobs.map(({ id }) => id);

/** The texts in an order that can be compared. */
export const sorted = (texts: Iterable<string>): readonly string[] => [...texts].sort();

/** The end of a job that has been done. */
export const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });

/** The end of a job that is done with though it has not been done. */
export const dead = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "dead", reason: "it failed" });

/** So many bytes, of every value. */
export function anyBytes(length: number): Buffer {
  return Buffer.alloc(
    length,
    Uint8Array.from({ length: 256 }, (_, index) => index),
  );
}
