import { randomUUID } from "node:crypto";
import { type Clock, elapsedMs } from "../../clock.ts";
import { ChannelSlot, closeChannel, declareQueue, inTime, type RabbitmqChannel, type RabbitmqMessage } from "./rabbitmq-connection.ts";
import type { QueueDeclaration } from "./rabbitmq-topology.ts";

/** A message that is ours until it is acknowledged or its channel dies. */
export interface Delivery {
  readonly channel: RabbitmqChannel;
  readonly tag: number;
  readonly message: unknown;
  /** How often the broker has delivered it before and got it back because a channel died. */
  readonly redeliveries: number;
}

/** What a consumer needs. */
export interface ConsumerOptions {
  readonly acquire: () => Promise<RabbitmqChannel>;
  readonly queue: QueueDeclaration;
  readonly clock: Clock;
  /** Largest number of messages that are ours at a time. */
  readonly prefetch: number;
  readonly onDelivery: (delivery: Delivery) => void;
  /** The channel has died, and with it every hold on its messages. */
  readonly onLost: (channel: RabbitmqChannel) => void;
}

/** How long fewer messages have to do before the window is made smaller: changing it means another consumer. */
const calmMs = 1_000;

/** Has messages pushed to this process, about as many as are asked for. */
export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #slot: ChannelSlot;
  /** Tags that have not been acknowledged, in the order of delivery. */
  #open = new Set<number>();
  #tag: string | undefined;
  #window = 0;
  /** When more than half of the window was last asked for. */
  #neededAtMs = 0;
  #change: Promise<void> = Promise.resolve();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#slot = new ChannelSlot(options.acquire, (channel) => this.#prepare(channel));
  }

  /** Makes sure that up to so many messages are pushed here. Answers whether it had to begin anew. */
  async want(count: number): Promise<boolean> {
    if (this.#isServed(count)) return false;
    await this.#inTurn(async () => {
      if (this.#isServed(count)) return;
      const channel = await this.#slot.ready();
      await this.#cancel(channel);
      await this.#consume(channel, windowFor(count, this.#options.prefetch));
    });
    return true;
  }

  /** Has no more messages pushed; those that are here stay ours. */
  async stop(): Promise<void> {
    await this.#inTurn(async () => {
      const channel = this.#slot.current;
      if (channel) await this.#cancel(channel);
    });
  }

  /** Whether a delivery is still ours. */
  isHeld({ channel, tag }: Delivery): boolean {
    return channel === this.#slot.current && this.#open.has(tag);
  }

  /** Takes messages off the queue. Those at the front of what is open share one frame. */
  acknowledge(deliveries: readonly Delivery[]): void {
    const channel = this.#slot.current;
    const held = deliveries.filter((delivery) => this.isHeld(delivery));
    if (!channel || held.length === 0) return;
    const tags = new Set(held.map(({ tag }) => tag));
    const upTo = this.#takeFront(tags);
    if (upTo > 0) channel.basicAck({ deliveryTag: upTo, multiple: true });
    for (const tag of tags) {
      this.#open.delete(tag);
      channel.basicAck({ deliveryTag: tag });
    }
  }

  /** What has not been acknowledged goes back to the queue. */
  async close(): Promise<void> {
    await this.#change.catch(() => undefined);
    await this.#slot.close();
  }

  /** Closes the first messages as far as they are all among these tags; answers the last of them, or 0. */
  #takeFront(tags: Set<number>): number {
    let upTo = 0;
    for (const tag of this.#open) {
      if (!tags.delete(tag)) break;
      this.#open.delete(tag);
      upTo = tag;
    }
    return upTo;
  }

  /** Whether the window fits: it is large enough, and has not been far too large for a while. */
  #isServed(count: number): boolean {
    if (!this.#slot.current || this.#tag === undefined) return false;
    const wanted = windowFor(count, this.#options.prefetch);
    if (wanted > this.#window) return false;
    const nowMs = elapsedMs(this.#options.clock);
    if (wanted > this.#window / 2) this.#neededAtMs = nowMs;
    return nowMs - this.#neededAtMs < calmMs;
  }

  async #prepare(channel: RabbitmqChannel): Promise<void> {
    this.#open = new Set();
    this.#tag = undefined;
    channel.on("close", () => this.#options.onLost(channel));
    // The queue was deleted, or the broker has taken its messages back: the holds are void, and the next claim begins anew.
    channel.on("basic.cancel", () => void closeChannel(channel));
  }

  /** The broker counts a window by consumer, so another window needs another consumer. */
  async #consume(channel: RabbitmqChannel, window: number): Promise<void> {
    await inTime("declare a queue", declareQueue(channel, this.#options.queue));
    await inTime("set the prefetch count", channel.basicQos({ prefetchCount: window }));
    const consumerTag = randomUUID();
    this.#tag = consumerTag; // known before the answer, so that a consumer whose answer is late can be cancelled too
    this.#window = 0;
    const consuming = channel.basicConsume({ queue: this.#options.queue.queue, consumerTag }, (message) => this.#receive(channel, message));
    await inTime("consume", consuming);
    this.#window = window;
    this.#neededAtMs = elapsedMs(this.#options.clock);
  }

  async #cancel(channel: RabbitmqChannel): Promise<void> {
    const consumerTag = this.#tag;
    if (consumerTag === undefined) return;
    this.#tag = undefined;
    await inTime("cancel a consumer", channel.basicCancel({ consumerTag }));
  }

  #receive(channel: RabbitmqChannel, { deliveryTag: tag, redelivered, headers, body }: RabbitmqMessage): void {
    if (channel !== this.#slot.current) return;
    this.#open.add(tag);
    const counted = Number(headers?.["x-delivery-count"] ?? 0);
    this.#options.onDelivery({ channel, tag, message: body, redeliveries: Math.max(counted, redelivered ? 1 : 0) });
  }

  /** One change at a time; the failure of one does not stop the next. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#change.catch(() => undefined).then(change);
    this.#change = turn;
    turn.catch(() => undefined);
    return turn;
  }
}

/** Small windows fit exactly, so that nothing lies here that nobody asked for; larger ones leave some in reserve, and change seldom. */
function windowFor(count: number, prefetch: number): number {
  const window = count <= 16 ? count : 2 ** Math.ceil(Math.log2(count));
  return Math.max(1, Math.min(window, prefetch));
}
