import { type Clock, elapsedMs } from "../../clock.ts";
import { type Arrivals, isJob, type JobDelivery } from "./rabbitmq-arrivals.ts";
import type { Consumer } from "./rabbitmq-consumer.ts";
import type { QueueDeclaration } from "./rabbitmq-topology.ts";

/** What {@link Returned} needs. */
export interface ReturnedOptions {
  readonly clock: Clock;
  readonly queue: QueueDeclaration;
  readonly consumer: Consumer;
  readonly arrivals: Arrivals;
}

/** How often to look whether another process has put a job there. */
const lookMs = 1_000;
/** Most jobs of one claim: each is a question of its own to the broker. */
const largestTake = 32;

/**
 * Jobs that the broker has delivered before and got back without a word. It cannot tell whether they had been handed to a worker, or
 * had only been pushed to a process, or were on their way when a consumer ended; so all are counted as one crash, once, and put into
 * a queue of their own. From there they are pulled when a worker asks for them, and so each further crash is one of a worker that had it.
 */
export class Returned {
  readonly #options: ReturnedOptions;
  #lookAtMs = 0;

  constructor(options: ReturnedOptions) {
    this.#options = options;
  }

  /** There is one: the next claim looks. */
  note(): void {
    this.#lookAtMs = 0;
  }

  /** Never rejects: what ails the channel, the next claim meets. */
  async take(limit: number): Promise<readonly JobDelivery[]> {
    const { clock, consumer, arrivals, queue } = this.#options;
    const jobs: JobDelivery[] = [];
    while (jobs.length < Math.min(limit, largestTake) && elapsedMs(clock) >= this.#lookAtMs) {
      const delivery = await consumer.pull(queue).catch(() => undefined);
      if (!delivery) this.#lookAtMs = elapsedMs(clock) + lookMs;
      else if (isJob(delivery)) jobs.push(delivery);
      else arrivals.add(delivery); // none of ours
    }
    return jobs;
  }
}
