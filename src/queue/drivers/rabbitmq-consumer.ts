import { randomUUID } from "node:crypto";
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { type Clock, elapsedMs } from "../../clock.ts";
import { closeMs, inTime } from "./rabbitmq-answers.ts";
import { ChannelSlot, closeChannel, declareQueue } from "./rabbitmq-channel.ts";
import type { RabbitmqChannel, RabbitmqMessage } from "./rabbitmq-connection.ts";
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
  /** The queue of which nothing is pushed. */
  readonly pulled: QueueDeclaration;
  readonly clock: Clock;
  /** Largest number of messages that are ours at a time. */
  readonly prefetch: number;
  readonly onDelivery: (delivery: Delivery) => void;
  /** The channel has died, and with it every hold on its messages. */
  readonly onLost: (channel: RabbitmqChannel) => void;
}

/**
 * How long fewer messages have to do before the window is made smaller: changing it means another consumer. A message that is ours
 * for longer than this is one that takes long.
 */
const calmMs = 1_000;

/** Has messages pushed to this process, about as many as are asked for. */
export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #slot: ChannelSlot;
  /** Tags that have not been acknowledged, in the order of delivery, and since when they are ours. */
  #open = new Map<number, number>();
  #tag: string | undefined;
  /** How many messages may be ours through the present consumer; those that came through former ones have lower tags than its first. */
  #window = 0;
  #firstTag = 0;
  #lastTag = 0;
  /** When more than half of the window was last asked for. */
  #neededAtMs = 0;
  #change: Promise<void> = Promise.resolve();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#slot = new ChannelSlot(options.acquire, (channel) => this.#prepare(channel));
  }

  /** Makes sure that the broker lets this process in, and that the queues are there. */
  async ready(): Promise<void> {
    await this.#slot.ready();
  }

  /** Makes sure that up to so many messages can be ours, besides those that are about to end. Answers whether it had to begin anew. */
  async want(count: number, ending: readonly Delivery[]): Promise<boolean> {
    const endingTags = new Set(ending.map(({ tag }) => tag));
    if (this.#isServed(count, endingTags)) return false;
    await this.#inTurn(async () => {
      if (this.#isServed(count, endingTags)) return;
      const channel = await this.#slot.ready();
      await this.#cancel(channel);
      await this.#consume(channel, count, endingTags);
    });
    return true;
  }

  /** Takes one message from a queue of which nothing is pushed. Undefined where it has none. */
  async pull({ queue }: QueueDeclaration): Promise<Delivery | undefined> {
    const channel = await this.#slot.ready();
    const pulling = channel.basicGet({ queue }).then(async (message) => {
      await eventLoopTurn(); // the client tells of what was pushed before it
      return message && channel === this.#slot.current ? this.#own(channel, message) : undefined;
    });
    return inTime("get a message", pulling).catch((error: unknown) => {
      const keep = (delivery: Delivery | undefined) => delivery && this.#options.onDelivery(delivery);
      pulling.then(keep, () => undefined); // nobody waits for it any more, but it is ours
      throw error;
    });
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
    await inTime("consume", this.#change, closeMs).catch(() => undefined);
    await this.#slot.close();
  }

  /** Closes the first messages as far as they are all among these tags; answers the last of them, or 0. */
  #takeFront(tags: Set<number>): number {
    let upTo = 0;
    for (const tag of this.#open.keys()) {
      if (!tags.delete(tag)) break;
      this.#open.delete(tag);
      upTo = tag;
    }
    return upTo;
  }

  /** Whether the window fits: it is large enough, and has not been far too large for a while. */
  #isServed(count: number, ending: ReadonlySet<number>): boolean {
    if (!this.#slot.current) return false;
    if (this.#open.size - ending.size >= this.#options.prefetch) return true; // no more may be ours
    if (this.#tag === undefined) return false;
    const wanted = this.#windowFor(count, this.#firstTag, ending);
    if (wanted > this.#window) return false;
    const nowMs = elapsedMs(this.#options.clock);
    if (wanted > this.#window / 2) this.#neededAtMs = nowMs;
    return nowMs - this.#neededAtMs < calmMs;
  }

  /**
   * The window with which so many can be ours, given that what came before a tag does not count in it. Of that, what takes long is not
   * waited for: nobody here would ask for what came in its place.
   */
  #windowFor(count: number, firstTag: number, ending: ReadonlySet<number>): number {
    const longSinceMs = elapsedMs(this.#options.clock) - calmMs;
    let former = 0;
    let long = 0;
    for (const [tag, sinceMs] of this.#open) {
      if (tag >= firstTag) break;
      if (ending.has(tag)) continue;
      former++;
      if (sinceMs <= longSinceMs) long++;
    }
    return Math.max(1, Math.min(withReserve(count - long), this.#options.prefetch - former));
  }

  async #prepare(channel: RabbitmqChannel): Promise<void> {
    this.#open = new Map();
    this.#tag = undefined;
    this.#lastTag = 0;
    channel.on("close", () => this.#options.onLost(channel));
    // The queue was deleted, or the broker has taken its messages back: the holds are void, and the next claim begins anew.
    channel.on("basic.cancel", () => {
      void closeChannel(channel);
      this.#options.onLost(channel);
    });
    for (const queue of [this.#options.queue, this.#options.pulled]) await declareQueue(channel, queue);
  }

  /** The broker counts a window by consumer, so another window needs another consumer. */
  async #consume(channel: RabbitmqChannel, count: number, ending: ReadonlySet<number>): Promise<void> {
    const firstTag = this.#lastTag + 1;
    const window = this.#windowFor(count, firstTag, ending);
    await inTime("set the prefetch count", channel.basicQos({ prefetchCount: window }));
    const consumerTag = randomUUID();
    this.#tag = consumerTag; // known before the answer, so that a consumer whose answer is late can be cancelled too
    this.#window = 0;
    this.#firstTag = firstTag;
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
    await eventLoopTurn(); // the client tells of what came before the answer
  }

  #receive(channel: RabbitmqChannel, message: RabbitmqMessage): void {
    if (channel === this.#slot.current) this.#options.onDelivery(this.#own(channel, message));
  }

  #own(channel: RabbitmqChannel, { deliveryTag: tag, redelivered, headers, body }: RabbitmqMessage): Delivery {
    const nowMs = elapsedMs(this.#options.clock);
    if (tag > this.#lastTag) this.#open.set(tag, nowMs);
    else this.#open = new Map([...this.#open, [tag, nowMs] as const].sort(([one], [other]) => one - other)); // one that was pulled
    this.#lastTag = Math.max(tag, this.#lastTag);
    const counted = Number(headers?.["x-delivery-count"] ?? 0);
    return { channel, tag, message: body, redeliveries: Math.max(counted, redelivered ? 1 : 0) };
  }

  /** One change at a time, in the time of one answer; the failure of one does not stop the next. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#change.catch(() => undefined).then(change);
    this.#change = turn;
    turn.catch(() => undefined);
    return inTime("consume", turn);
  }
}

/** Small windows fit exactly, so that nothing lies here that nobody asked for; larger ones leave some in reserve, and change seldom. */
function withReserve(count: number): number {
  return count <= 16 ? count : 2 ** Math.ceil(Math.log2(count));
}
