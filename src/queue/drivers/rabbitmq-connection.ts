import { loadPeer } from "../../peer.ts";
import type { QueueDeclaration } from "./rabbitmq-topology.ts";

/** What the driver uses of a `Connection` of the package `rabbitmq-client`. */
export interface RabbitmqConnection {
  acquire(options?: { readonly emitErrorsFromChannel?: boolean }): Promise<RabbitmqChannel>;
}

/** What the driver uses of a `Channel` of the package `rabbitmq-client`. */
export interface RabbitmqChannel {
  readonly active: boolean;
  on(event: "error", listener: (error: unknown) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  on(event: "basic.return", listener: (message: RabbitmqReturn) => void): unknown;
  on(event: "basic.cancel", listener: (consumerTag: string) => void): unknown;
  confirmSelect(): Promise<void>;
  queueDeclare(declaration: { queue: string; durable: boolean; arguments: Record<string, unknown> }): Promise<unknown>;
  basicPublish(envelope: { routingKey: string; mandatory: boolean; durable: boolean; messageId: string }, body: Buffer): Promise<void>;
  basicQos(options: { prefetchCount: number }): Promise<void>;
  basicConsume(options: { queue: string; consumerTag: string }, handle: (message: RabbitmqMessage) => void): Promise<unknown>;
  basicCancel(options: { consumerTag: string }): Promise<unknown>;
  basicAck(options: { deliveryTag: number; multiple?: boolean }): void;
  close(): Promise<void>;
}

/** A message that could not be routed. */
export interface RabbitmqReturn {
  readonly messageId?: string | undefined;
  readonly replyText: string;
}

/** A message as it is delivered. */
export interface RabbitmqMessage {
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}

/** A connection that is ours to close. */
interface OwnConnection extends RabbitmqConnection {
  readonly close: () => Promise<void>;
  readonly destroy: () => void;
}

/**
 * What a channel is for. Each has a connection of its own, because a broker that is short of memory or disk stops reading from
 * connections that publish, and acknowledgements, which would free both, must still come through.
 */
export type Purpose = "publish" | "consume";

/** Gives channels of the caller's connection, or of own ones that are made when they are first needed. */
export class Connections {
  readonly #given: string | RabbitmqConnection;
  readonly #own = new Map<Purpose, Promise<OwnConnection>>();

  constructor(given: string | RabbitmqConnection) {
    this.#given = given;
  }

  async acquire(purpose: Purpose): Promise<RabbitmqChannel> {
    const connection = typeof this.#given === "string" ? await this.#open(this.#given, purpose) : this.#given;
    return connection.acquire({ emitErrorsFromChannel: true });
  }

  /** Breaks an own connection that gives no answers; with it goes what it has not written yet. The next channel gets a new one. */
  async reset(purpose: Purpose): Promise<void> {
    const opened = this.#own.get(purpose);
    this.#own.delete(purpose);
    (await opened)?.destroy();
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#own.values());
    await Promise.all(opened.map((each) => (each.status === "fulfilled" ? each.value.close() : undefined)));
  }

  #open(url: string, purpose: Purpose): Promise<OwnConnection> {
    const opened = this.#own.get(purpose) ?? connect(url, purpose);
    this.#own.set(purpose, opened);
    return opened;
  }
}

/** Longest wait for the broker to say yes to anything, and for a connection that is being made again. */
export const answerMs = 10_000;

/** An answer did not come. */
export class NoAnswerError extends Error {
  override name = "NoAnswerError";
}

/** Rejects when an answer takes too long: a broker that blocks publishers, or is gone without a word, never gives any. */
export function inTime<Value>(what: string, answer: Promise<Value>, ms = answerMs): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswerError(`RabbitMQ did not answer within ${ms} ms: ${what}.`)), ms);
    const end = <Result>(settle: (result: Result) => void) => {
      return (result: Result) => {
        clearTimeout(timer);
        settle(result);
      };
    };
    answer.then(end(resolve), end(reject));
  });
}

/** The package's heartbeat of 60 s would keep the jobs of a process that hangs for up to two minutes; `heartbeat=` in the URL wins. */
const connectionOptions = { noDelay: true, heartbeat: 30, acquireTimeout: answerMs / 2, retryLow: 250, retryHigh: 5_000 };

async function connect(url: string, purpose: Purpose): Promise<OwnConnection> {
  const { Connection } = await loadPeer("rabbitmq-client", () => import("rabbitmq-client"));
  const connection = new Connection({ ...connectionOptions, url, connectionName: `hookwright ${purpose}` });
  let failure: unknown;
  connection.on("error", (error) => {
    failure = error;
  });
  connection.on("connection", () => {
    failure = undefined;
  });
  return {
    acquire: async (options) => {
      try {
        return await connection.acquire(options);
      } catch (error) {
        throw failure ?? error; // "timed out" says less than "access refused"
      }
    },
    close: () => inTime("close", connection.close(), closeMs).catch(() => connection.unsafeDestroy()),
    destroy: () => connection.unsafeDestroy(),
  };
}

const closeMs = 2_000;

/** One channel, made when it is first needed and anew when it has died. */
export class ChannelSlot {
  readonly #acquire: () => Promise<RabbitmqChannel>;
  readonly #prepare: (channel: RabbitmqChannel) => Promise<void>;
  #channel: RabbitmqChannel | undefined;
  #pending: Promise<RabbitmqChannel> | undefined;
  #isClosed = false;

  constructor(acquire: () => Promise<RabbitmqChannel>, prepare: (channel: RabbitmqChannel) => Promise<void>) {
    this.#acquire = acquire;
    this.#prepare = prepare;
  }

  /** The channel, if it is there and alive. */
  get current(): RabbitmqChannel | undefined {
    return this.#channel?.active ? this.#channel : undefined;
  }

  async ready(): Promise<RabbitmqChannel> {
    if (this.current) return this.current;
    this.#pending ??= this.#make().finally(() => {
      this.#pending = undefined;
    });
    return inTime("open a channel", this.#pending);
  }

  /** Closes it, and what is still being made as soon as it is there. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.current) await closeChannel(this.current);
  }

  async #make(): Promise<RabbitmqChannel> {
    const channel = await this.#acquire();
    channel.on("error", () => undefined); // whoever waits for an answer is told; without a listener the process would end
    try {
      await this.#prepare(channel);
      if (this.#isClosed) throw new Error("The queue has been closed.");
    } catch (error) {
      await closeChannel(channel);
      throw error;
    }
    this.#channel = channel;
    return channel;
  }
}

/** Closes a channel, or gives up after a while. */
export async function closeChannel(channel: RabbitmqChannel): Promise<void> {
  await inTime("close a channel", channel.close(), closeMs).catch(() => undefined);
}

/** Makes sure that a queue is there, as declared. */
export async function declareQueue(channel: RabbitmqChannel, { queue, durable, arguments: given }: QueueDeclaration): Promise<void> {
  await channel.queueDeclare({ queue, durable, arguments: { ...given } });
}
