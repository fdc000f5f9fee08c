import type { Clock } from "../../clock.ts";
import type { RabbitmqChannel } from "./rabbitmq-connection.ts";
import type { Delivery } from "./rabbitmq-consumer.ts";
import { type FrameCounts, isFrame, readCounts, readDueAt, withCounts } from "./rabbitmq-frame.ts";
import { shortestRungMs } from "./rabbitmq-topology.ts";

/** A delivery of one of our messages. */
export type JobDelivery = Delivery & { readonly message: Buffer };

/** What arrivals need. */
export interface ArrivalsOptions {
  readonly clock: Clock;
  /** Whether a delivery is still ours. */
  readonly isHeld: (delivery: Delivery) => boolean;
  /** Publishes a message anew to where its due time says, and then acknowledges it. */
  readonly forward: (delivery: JobDelivery) => Promise<void>;
  /** Publishes a message to where those are that came back, and then acknowledges it. */
  readonly setApart: (delivery: JobDelivery) => Promise<void>;
  /** Puts a message aside that is none of ours. */
  readonly setAside: (delivery: Delivery) => Promise<void>;
  /** There is something to claim where there was nothing. */
  readonly onReady: () => void;
}

/** How long to leave a message alone that could not be passed on. */
const pauseMs = 1_000;

/** Made once: without a reason `abort` makes an error each time, with its stack. */
const ready = new Error("There is something to claim.");

/** Messages that have been pushed to this process and that no worker holds. */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #end = new AbortController();
  readonly #wakers = new Set<AbortController>();
  #ready: JobDelivery[] = [];
  /** Those that are looked at again after a while: not due for some milliseconds, or not passed on. */
  readonly #resting = new Set<Delivery>();

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  get readyCount(): number {
    return this.#ready.length;
  }

  add(delivery: Delivery): void {
    if (!this.#options.isHeld(delivery)) return; // its channel has died, and the broker delivers it again
    if (!isJob(delivery)) {
      this.#passOn(delivery, this.#options.setAside(delivery));
      return;
    }
    const dueAtMs = readDueAt(delivery.message);
    const waitMs = dueAtMs === 0 ? 0 : dueAtMs - this.#options.clock.now().getTime();
    if (!(waitMs > 0) && delivery.redeliveries > 0) this.#passOn(delivery, this.#options.setApart(withOneCrash(delivery)));
    else if (!(waitMs > 0)) this.#makeReady(delivery);
    else if (waitMs < shortestRungMs) this.#rest(delivery, waitMs);
    else this.#passOn(delivery, this.#options.forward(delivery)); // nobody can have claimed it yet, so redeliveries do not count
  }

  /** Hands out what is due, at most so many. */
  take(limit: number): readonly JobDelivery[] {
    return this.#ready.splice(0, limit);
  }

  /** Waits until something can be claimed, but no longer than `ms`. */
  async wait(ms: number): Promise<void> {
    const waker = new AbortController();
    this.#wakers.add(waker);
    await this.#options.clock.sleep(ms, waker.signal).catch(() => undefined);
    this.#wakers.delete(waker);
  }

  /** Lets others have what nobody here asks for. The order is lost, the counts are not: going back unacknowledged would count as a crash. */
  giveBack(from = 0): void {
    for (const delivery of this.#ready.splice(from)) this.#forwardUnclaimed(delivery);
  }

  /** Gives everything back and waits until that is done, or has failed. */
  async close(): Promise<void> {
    this.#end.abort();
    const resting = [...this.#resting].filter(isJob);
    this.#resting.clear();
    const unclaimed = [...this.#ready.splice(0), ...resting].map(withRedeliveriesCounted);
    await Promise.allSettled(unclaimed.map((delivery) => this.#options.forward(delivery)));
  }

  /** Forgets what came through a channel that has died. */
  drop(channel: RabbitmqChannel): void {
    this.#ready = this.#ready.filter((delivery) => delivery.channel !== channel);
    for (const delivery of this.#resting) if (delivery.channel === channel) this.#resting.delete(delivery);
  }

  #forwardUnclaimed(delivery: JobDelivery): void {
    const counted = withRedeliveriesCounted(delivery);
    this.#passOn(counted, this.#options.forward(counted));
  }

  #makeReady(delivery: JobDelivery): void {
    this.#ready.push(delivery);
    if (this.#ready.length > 1) return;
    for (const waker of this.#wakers) waker.abort(ready);
    this.#options.onReady();
  }

  #passOn(delivery: Delivery, passing: Promise<void>): void {
    passing.catch(() => this.#rest(delivery, pauseMs));
  }

  #rest(delivery: Delivery, ms: number): void {
    if (this.#end.signal.aborted) return; // the channel is about to be closed, and takes it back
    this.#resting.add(delivery);
    const lookAgain = () => {
      if (this.#resting.delete(delivery)) this.add(delivery);
    };
    this.#options.clock.sleep(Math.ceil(ms), this.#end.signal).then(lookAgain, () => undefined);
  }
}

/** The same message with other counts, as it is to be published or claimed again. */
export function recounted(delivery: JobDelivery, counts: FrameCounts): JobDelivery {
  return { ...delivery, message: withCounts(delivery.message, counts), redeliveries: 0 };
}

function withRedeliveriesCounted(delivery: JobDelivery): JobDelivery {
  return withCrashes(delivery, delivery.redeliveries);
}

/** The broker's count includes connections through which a message was pushed and not handed out: perhaps all but none of them. */
function withOneCrash(delivery: JobDelivery): JobDelivery {
  return withCrashes(delivery, 1);
}

function withCrashes(delivery: JobDelivery, count: number): JobDelivery {
  if (count === 0) return delivery;
  const { dueAtMs, attempts, crashes } = readCounts(delivery.message);
  return recounted(delivery, { dueAtMs, attempts: attempts + count, crashes: crashes + count });
}

/** Whether a message is one of our jobs. */
export function isJob(delivery: Delivery): delivery is JobDelivery {
  return isFrame(delivery.message);
}
