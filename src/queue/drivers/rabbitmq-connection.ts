import { loadPeer } from "../../peer.ts";
import { answerMs, closeMs, inTime } from "./rabbitmq-answers.ts";

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
  basicGet(options: { queue: string }): Promise<RabbitmqMessage | undefined>;
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
  reset(purpose: Purpose): void {
    const opened = this.#own.get(purpose);
    this.#own.delete(purpose);
    opened?.then(
      (connection) => connection.destroy(),
      () => undefined, // there is none to break; whoever asked for it has been told
    );
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
