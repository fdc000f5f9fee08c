import { answerMs, NoAnswerError } from "./rabbitmq-answers.ts";
import type { RabbitmqChannel, RabbitmqReturn } from "./rabbitmq-connection.ts";

/** A message on its way. */
interface Sent {
  readonly queue: string;
  readonly atMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Why it came back. */
  returned?: string;
}

/** What {@link Confirms} tell. */
export interface ConfirmsOptions {
  /** A message came back: nothing takes messages for this queue. */
  readonly onReturned: (queue: string) => void;
  /** A message was not confirmed in time. */
  readonly onSilence: () => void;
}

/** Publishes messages through one channel. Each has one end: the broker has it on disk, it may not have it, or it does not say. */
export class Confirms {
  readonly #channel: RabbitmqChannel;
  readonly #options: ConfirmsOptions;
  /** By their ids, oldest first. */
  readonly #sent = new Map<string, Sent>();
  #alsoConfirmed: string[] | undefined;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(channel: RabbitmqChannel, options: ConfirmsOptions) {
    this.#channel = channel;
    this.#options = options;
    channel.on("basic.return", (message) => this.#noteReturn(message));
    // By then the client has rejected what it knows of, saying why, and what was confirmed has ended. It forgets what was being written.
    const endAll = () => this.#endAll(new Error("The channel was closed before RabbitMQ had confirmed the message."));
    channel.on("close", () => setImmediate(() => setImmediate(endAll)));
  }

  /** Resolves when the broker has confirmed the message, and rejects when it may not have it. */
  publish(queue: string, message: Buffer): Promise<void> {
    const messageId = String(++this.#count);
    return new Promise((resolve, reject) => {
      this.#sent.set(messageId, { queue, atMs: performance.now(), resolve, reject });
      this.#timer ??= setTimeout(() => this.#endOverdue(), answerMs);
      const confirm = () => this.#noteConfirm(messageId);
      const fail = (error: unknown) => this.#end(messageId)?.reject(error);
      this.#channel.basicPublish({ routingKey: queue, mandatory: true, durable: true, messageId }, message).then(confirm, fail);
    });
  }

  /**
   * The broker sends a message back before it confirms it, but the client tells of the first in an immediate, and of the second at
   * once. So the end waits for an immediate; what is confirmed meanwhile shares the next.
   */
  #noteConfirm(messageId: string): void {
    if (this.#alsoConfirmed) {
      this.#alsoConfirmed.push(messageId);
      return;
    }
    const others: string[] = [];
    this.#alsoConfirmed = others;
    setImmediate(() => {
      this.#alsoConfirmed = undefined;
      this.#confirm(messageId);
      if (others.length > 0) setImmediate(() => this.#confirmAll(others));
    });
  }

  #confirmAll(messageIds: readonly string[]): void {
    for (const messageId of messageIds) this.#confirm(messageId);
  }

  #confirm(messageId: string): void {
    const sent = this.#end(messageId);
    if (sent?.returned === undefined) {
      sent?.resolve();
      return;
    }
    this.#options.onReturned(sent.queue);
    sent.reject(new Error(`RabbitMQ returned the message: ${sent.returned}.`));
  }

  #noteReturn({ messageId = "", replyText }: RabbitmqReturn): void {
    const sent = this.#sent.get(messageId);
    if (sent) sent.returned = replyText;
  }

  #end(messageId: string): Sent | undefined {
    const sent = this.#sent.get(messageId);
    this.#sent.delete(messageId);
    if (this.#sent.size === 0) this.#stopTimer();
    return sent;
  }

  #endAll(error: Error): void {
    for (const messageId of this.#sent.keys()) this.#end(messageId)?.reject(error);
  }

  /** One timer for all: what is sent later is overdue later. */
  #endOverdue(): void {
    this.#stopTimer();
    const sinceMs = performance.now() - answerMs + 1;
    for (const [messageId, { atMs }] of this.#sent) {
      if (atMs > sinceMs) {
        this.#timer = setTimeout(() => this.#endOverdue(), atMs - sinceMs);
        break;
      }
      this.#end(messageId)?.reject(new NoAnswerError("confirm a message"));
    }
    this.#options.onSilence();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
