import { NoAnswerError } from "./rabbitmq-answers.ts";
import { ChannelSlot, declareQueue } from "./rabbitmq-channel.ts";
import { Confirms } from "./rabbitmq-confirms.ts";
import type { RabbitmqChannel } from "./rabbitmq-connection.ts";
import type { QueueDeclaration } from "./rabbitmq-topology.ts";

/** What a publisher needs. */
export interface PublisherOptions {
  readonly acquire: () => Promise<RabbitmqChannel>;
  /** Breaks the connection that gave no answer: what waits in it unwritten would pile up, and come too late. */
  readonly reset: () => void;
}

/** A channel that takes messages. */
interface Line {
  readonly channel: RabbitmqChannel;
  readonly confirms: Confirms;
  /** Queues that are known to be there: a broker may be a fresh one after a lost connection. */
  readonly declared: Set<string>;
  readonly declaring: Map<string, Promise<void>>;
}

/** Publishes messages, each declared a success only when the broker has it on disk. */
export class Publisher {
  readonly #slot: ChannelSlot;
  readonly #reset: () => void;
  #line: Line | undefined;

  constructor({ acquire, reset }: PublisherOptions) {
    this.#slot = new ChannelSlot(acquire, (channel) => this.#prepare(channel));
    this.#reset = reset;
  }

  /** Resolves when the broker has confirmed the message, and rejects when it may not have it. */
  publish(to: QueueDeclaration, message: Buffer): Promise<void> {
    const line = this.#line;
    if (line?.channel.active && line.declared.has(to.queue)) return line.confirms.publish(to.queue, message);
    return this.#open(to).then(({ confirms }) => confirms.publish(to.queue, message));
  }

  close(): Promise<void> {
    return this.#slot.close();
  }

  /** The line, where there is a queue to send to. */
  async #open(to: QueueDeclaration): Promise<Line> {
    try {
      await this.#slot.ready();
      const line = this.#line;
      if (!line) throw new Error("The channel was closed.");
      await this.#ensure(line, to);
      return line;
    } catch (error) {
      if (error instanceof NoAnswerError) this.#reset();
      throw error;
    }
  }

  async #prepare(channel: RabbitmqChannel): Promise<void> {
    const declared = new Set<string>();
    const confirms = new Confirms(channel, {
      onReturned: (queue) => void declared.delete(queue), // somebody deleted it: the next message brings it back
      onSilence: () => {
        if (this.#line?.channel === channel) this.#reset();
      },
    });
    await channel.confirmSelect();
    this.#line = { channel, confirms, declared, declaring: new Map() };
  }

  #ensure(line: Line, to: QueueDeclaration): Promise<void> {
    if (line.declared.has(to.queue)) return Promise.resolve();
    const declaring = line.declaring.get(to.queue) ?? this.#declare(line, to).finally(() => line.declaring.delete(to.queue));
    line.declaring.set(to.queue, declaring);
    return declaring;
  }

  async #declare(line: Line, to: QueueDeclaration): Promise<void> {
    if (to.target) await this.#ensure(line, to.target);
    await declareQueue(line.channel, to);
    line.declared.add(to.queue);
  }
}
