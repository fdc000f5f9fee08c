import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ApplicationError, ConfigurationError } from "../../errors.ts";
import { loadPeer } from "../../peer.ts";
import type { MessageRoom } from "../job-label.ts";
import { roomOf } from "./nats-message.ts";
import { type NatsSettings, readConnectionString } from "./nats-options.ts";
import { ensureAckWait, makeStreams, type NatsConsumer, type NatsNames } from "./nats-streams.ts";

/** An open connection, and what speaks JetStream over it. */
export interface NatsTools {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly newInbox: () => string;
}

/** Connects when first used, makes what is missing, and turns every failure into `queue_unavailable`. */
export class NatsEngine {
  readonly names: NatsNames;
  readonly settings: NatsSettings;
  readonly room: MessageRoom;
  #tools: Promise<NatsTools> | undefined;
  /** Resolves when the streams are there. A failure makes the next call look again. */
  #streams: Promise<void> | undefined;
  #consumer: NatsConsumer = unknownConsumer;

  constructor(settings: NatsSettings) {
    this.settings = settings;
    this.room = roomOf(settings.largestMessageBytes);
    const { name } = settings;
    this.names = { jobs: name, states: `${name}-state`, dead: `${name}-dead`, announce: `${name}.announce` };
  }

  /** Whether a message may have been handed out without the consumer's knowing: it is older than that. */
  isOlderThanConsumer(storedAt: number): boolean {
    return storedAt <= this.#consumer.since;
  }

  /** Does something with an open connection and the streams in place. */
  async use<Result>(work: (tools: NatsTools) => Promise<Result>): Promise<Result> {
    try {
      const tools = await this.#connected();
      await this.#ready(tools);
      return await work(tools);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      this.#streams = undefined;
      this.#consumer = unknownConsumer;
      throw new ApplicationError("queue_unavailable", undefined, { cause: error });
    }
  }

  /** Sees to it that a message handed out comes again only when a lease of this length has run out. Asks the server where that is new. */
  async holdFor(leaseMs: number, tools: NatsTools): Promise<void> {
    if (leaseMs > this.#consumer.ackWaitMs) await this.holdStillFor(leaseMs, tools);
  }

  /** The same, and asks in any case: two that set the time at once, or an operator, may have made it shorter. */
  async holdStillFor(leaseMs: number, { manager }: NatsTools): Promise<void> {
    this.#consumer = await ensureAckWait(manager, this.names.jobs, leaseMs);
  }

  /** Closes a connection of its own. */
  async close(): Promise<void> {
    const tools = await this.#tools?.catch(() => undefined);
    if (typeof this.settings.connection === "string") await tools?.connection.close();
  }

  /** Callers that come together share one connection, also where they replace one that has closed for good. */
  async #connected(): Promise<NatsTools> {
    for (;;) {
      this.#tools ??= connect(this.settings);
      const connecting = this.#tools;
      try {
        const tools = await connecting;
        if (typeof this.settings.connection !== "string" || !tools.connection.isClosed()) return tools;
      } catch (error) {
        if (this.#tools === connecting) this.#tools = undefined;
        throw error;
      }
      if (this.#tools === connecting) this.#tools = undefined;
    }
  }

  async #ready({ manager }: NatsTools): Promise<void> {
    this.#streams ??= makeStreams(manager, this.names, this.settings.replicas);
    const making = this.#streams;
    try {
      await making;
    } catch (error) {
      if (this.#streams === making) this.#streams = undefined;
      throw error;
    }
  }
}

const unknownConsumer: NatsConsumer = { ackWaitMs: 0, since: 0 };
const reconnectPauseMs = 500;
/** A server that is gone without a word is noticed after two of them. */
const pingIntervalMs = 10_000;

async function connect({ connection, timeoutMs, largestMessageBytes }: NatsSettings): Promise<NatsTools> {
  const nats = await loadPeer("@nats-io/transport-node", () => import("@nats-io/transport-node"));
  const { jetstream, jetstreamManager } = await loadPeer("@nats-io/jetstream", () => import("@nats-io/jetstream"));
  const open =
    typeof connection === "string"
      ? await nats.connect({
          ...readConnectionString(connection),
          name: "hookwright",
          maxReconnectAttempts: -1,
          reconnectTimeWait: reconnectPauseMs,
          pingInterval: pingIntervalMs,
          timeout: timeoutMs,
        })
      : (connection as unknown as NatsConnection);
  const most = open.info?.max_payload ?? largestMessageBytes;
  if (most < largestMessageBytes) {
    if (typeof connection === "string") await open.close();
    throw new ConfigurationError("invalid_options", `The NATS server takes ${most} bytes at most: set \`largestMessageBytes\` to that.`);
  }
  const manager = await jetstreamManager(open, { timeout: timeoutMs, checkAPI: false });
  return { connection: open, client: jetstream(open, { timeout: timeoutMs }), manager, newInbox: () => nats.createInbox() };
}
