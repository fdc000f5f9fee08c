import type { Clock } from "../../clock.ts";
import { OpenCalls } from "../../open-calls.ts";
import type { JobDelivery } from "./rabbitmq-arrivals.ts";
import type { Consumer, Delivery } from "./rabbitmq-consumer.ts";
import { readDueAt } from "./rabbitmq-frame.ts";
import type { Publisher } from "./rabbitmq-publisher.ts";
import type { QueueDeclaration, Topology } from "./rabbitmq-topology.ts";

/** What moving messages takes. */
export interface MoverOptions {
  readonly publisher: Publisher;
  readonly consumer: Consumer;
  readonly topology: Topology;
  readonly clock: Clock;
}

/**
 * Moves messages from the work queue to another, or to its end. Each is published anew and only then acknowledged: the end of this process
 * between the two leaves it there twice, the other order would lose it.
 */
export class Mover {
  readonly #options: MoverOptions;
  readonly #calls = new OpenCalls("The queue");

  constructor(options: MoverOptions) {
    this.#options = options;
  }

  /** Moves a job to where its due time says. */
  forward(delivery: JobDelivery): Promise<void> {
    const { topology, clock } = this.#options;
    const waitMs = readDueAt(delivery.message) - clock.now().getTime();
    return this.#move(delivery, topology.destination(waitMs), delivery.message);
  }

  /** Moves a job to those that came back. */
  setApart(delivery: JobDelivery): Promise<void> {
    return this.#move(delivery, this.#options.topology.returned, delivery.message);
  }

  /** Moves a message away that is no job. */
  setAside(delivery: Delivery): Promise<void> {
    return this.#move(delivery, this.#options.topology.unreadable, bytesOf(delivery.message));
  }

  /** Waits for all that is under way, however it ends, and moves nothing any more. */
  close(): Promise<void> {
    return this.#calls.close(async () => {});
  }

  #move(delivery: Delivery, to: QueueDeclaration, message: Buffer): Promise<void> {
    const { publisher, consumer } = this.#options;
    return this.#calls.run(() => publisher.publish(to, message).then(() => consumer.acknowledge([delivery])));
  }
}

/** The client parses some types of content. */
function bytesOf(message: unknown): Buffer {
  if (Buffer.isBuffer(message)) return message;
  return Buffer.from(typeof message === "string" ? message : (JSON.stringify(message) ?? ""));
}
