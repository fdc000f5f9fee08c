import { ChannelSlot, declareQueue, inTime, NoAnswerError, type RabbitmqChannel, type RabbitmqReturn } from "./rabbitmq-connection.ts";
import type { QueueDeclaration } from "./rabbitmq-topology.ts";

/** Publishes messages, each declared a success only when the broker has it on disk. */
export class Publisher {
  readonly #slot: ChannelSlot;
  readonly #reset: () => Promise<void>;
  /** Queues that are known to be there, by channel: a broker may be a fresh one after a lost connection. */
  #declared = new Map<string, Promise<void>>();
  /** Why messages came back, by their ids. */
  readonly #returned = new Map<string, string>();
  #returnsSeen: Promise<void> | undefined;
  #count = 0;

  /** `reset` breaks the connection that gave no answer: what waits in it unwritten would pile up, and come too late. */
  constructor({ acquire, reset }: { readonly acquire: () => Promise<RabbitmqChannel>; readonly reset: () => Promise<void> }) {
    this.#slot = new ChannelSlot(acquire, (channel) => this.#prepare(channel));
    this.#reset = reset;
  }

  /** Resolves when the broker has confirmed the message, and rejects when it may not have it. */
  async publish(to: QueueDeclaration, message: Buffer): Promise<void> {
    const channel = this.#slot.current ?? (await this.#slot.ready());
    await this.#ensure(channel, to);
    const messageId = String(++this.#count);
    const envelope = { routingKey: to.queue, mandatory: true, durable: true, messageId };
    await inTime("confirm a message", channel.basicPublish(envelope, message)).catch((error: unknown) => this.#fail(error));
    await this.#readReturns();
    const reason = this.#returned.get(messageId);
    if (reason === undefined) return;
    this.#returned.delete(messageId);
    this.#declared.delete(to.queue); // somebody deleted the queue: the next message brings it back
    throw new Error(`RabbitMQ returned the message: ${reason}.`);
  }

  async #fail(error: unknown): Promise<never> {
    if (error instanceof NoAnswerError) await this.#reset();
    throw error;
  }

  close(): Promise<void> {
    return this.#slot.close();
  }

  async #prepare(channel: RabbitmqChannel): Promise<void> {
    this.#declared = new Map();
    channel.on("basic.return", ({ messageId, replyText }: RabbitmqReturn) => this.#returned.set(messageId ?? "", replyText));
    await channel.confirmSelect();
  }

  #ensure(channel: RabbitmqChannel, to: QueueDeclaration): Promise<void> {
    const declared = this.#declared;
    const known = declared.get(to.queue);
    if (known) return known;
    const isThere = this.#declare(channel, to);
    declared.set(to.queue, isThere);
    isThere.catch(() => declared.delete(to.queue));
    return isThere;
  }

  async #declare(channel: RabbitmqChannel, to: QueueDeclaration): Promise<void> {
    if (to.target) await this.#ensure(channel, to.target);
    await inTime("declare a queue", declareQueue(channel, to));
  }

  /**
   * The broker sends a message back before it confirms it, but the client announces the return a turn of the event loop after it
   * has read it, and the confirmation at once. In the turn after the next, every return before this confirmation has been told.
   */
  #readReturns(): Promise<void> {
    this.#returnsSeen ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#returnsSeen = undefined;
        setImmediate(resolve);
      });
    });
    return this.#returnsSeen;
  }
}
