import type { JetStreamClient, JetStreamManager, StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { ApplicationError, ConfigurationError } from "../../errors.ts";
import { loadPeer } from "../../peer.ts";
import { type NatsSettings, readConnectionString } from "./nats-options.ts";

/** An open connection, and what speaks JetStream over it. */
export interface NatsTools {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly newInbox: () => string;
}

/** The queue's streams: jobs to be done, what is known of jobs that came back, and dead letters. Then the subject that wakes workers. */
export interface NatsNames {
  readonly jobs: string;
  readonly states: string;
  readonly dead: string;
  readonly announce: string;
}

/** The one consumer of the jobs, which all processes share. */
export const consumerName = "workers";

const notFound = 404;
const subjectFull = 10_077;
const deletionFailed = 10_057;

/** Connects when first used, makes what is missing, and turns every failure into `queue_unavailable`. */
export class NatsEngine {
  readonly names: NatsNames;
  readonly settings: NatsSettings;
  #tools: Promise<NatsTools> | undefined;
  /** Resolves when the streams are there. A failure makes the next call look again. */
  #streams: Promise<void> | undefined;
  #ackWaitMs = 0;

  constructor(settings: NatsSettings) {
    this.settings = settings;
    const { name } = settings;
    this.names = { jobs: name, states: `${name}-state`, dead: `${name}-dead`, announce: `${name}.announce` };
  }

  /** Does something with an open connection and the streams in place. */
  async use<Result>(work: (tools: NatsTools) => Promise<Result>): Promise<Result> {
    try {
      const tools = await this.#connected();
      this.#streams ??= this.#makeStreams(tools);
      await this.#streams;
      return await work(tools);
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      this.#streams = undefined;
      this.#ackWaitMs = 0;
      throw new ApplicationError("queue_unavailable", undefined, { cause: error });
    }
  }

  /** Sees to it that a message handed out comes again only when a lease of this length has run out. The time only ever grows. */
  async holdFor(leaseMs: number, { manager }: NatsTools): Promise<void> {
    if (leaseMs <= this.#ackWaitMs) return;
    const { jobs } = this.names;
    const ackWait = leaseMs * nanosecondsPerMs;
    const found = await orUndefined(manager.consumers.info(jobs, consumerName));
    if (!found) {
      await manager.consumers.add(jobs, {
        durable_name: consumerName,
        ack_policy: "explicit",
        ack_wait: ackWait,
        max_deliver: -1,
        max_ack_pending: -1, // jobs that wait for their time are pending, and must not hold up others
      });
    } else if ((found.config.ack_wait ?? 0) < ackWait) {
      await manager.consumers.update(jobs, consumerName, { ack_wait: ackWait });
    }
    this.#ackWaitMs = Math.max(leaseMs, (found?.config.ack_wait ?? 0) / nanosecondsPerMs);
  }

  /** Closes a connection of its own. */
  async close(): Promise<void> {
    const tools = await this.#tools?.catch(() => undefined);
    if (typeof this.settings.connection === "string") await tools?.connection.close();
  }

  async #connected(): Promise<NatsTools> {
    this.#tools ??= connect(this.settings);
    try {
      const tools = await this.#tools;
      if (!tools.connection.isClosed()) return tools;
    } catch (error) {
      this.#tools = undefined;
      throw error;
    }
    this.#tools = connect(this.settings);
    return this.#tools;
  }

  async #makeStreams({ manager }: NatsTools): Promise<void> {
    const { jobs, states, dead } = this.names;
    const common = { storage: "file", num_replicas: this.settings.replicas, max_msgs_per_subject: 1 } as const;
    await Promise.all([
      // A second message of a subject is refused while the first is stored: that makes ids unique.
      makeStream(manager, {
        ...common,
        name: jobs,
        subjects: [`${jobs}.job.*`],
        retention: "workqueue",
        discard: "new",
        discard_new_per_subject: true,
      }),
      makeStream(manager, { ...common, name: states, subjects: [`${jobs}.state.*`] }),
      makeStream(manager, { ...common, name: dead, subjects: [`${jobs}.dead.*`], allow_direct: true }),
    ]);
  }
}

const nanosecondsPerMs = 1_000_000;
const reconnectPauseMs = 500;

/** Whether a message was refused because its subject holds one. */
export function isSubjectFull(thrown: unknown): boolean {
  return (thrown as { readonly code?: unknown } | undefined)?.code === subjectFull;
}

/** Deletes one message of a stream; answers false where it was gone. */
export async function deleteMessage(stream: string, sequence: number, { manager }: NatsTools): Promise<boolean> {
  try {
    return await manager.streams.deleteMessage(stream, sequence, false);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === deletionFailed) return false;
    throw error;
  }
}

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

async function makeStream(manager: JetStreamManager, wanted: Partial<StreamConfig> & { readonly name: string }): Promise<void> {
  const found = await orUndefined(manager.streams.info(wanted.name));
  if (!found) await manager.streams.add(wanted);
  else if (found.config.max_msgs_per_subject !== 1 || (wanted.retention && found.config.retention !== wanted.retention)) {
    throw new ConfigurationError(
      "invalid_options",
      `The stream ${wanted.name} exists and is not one of Hookwright's: choose another \`name\`.`,
    );
  }
}

async function orUndefined<Info>(asked: Promise<Info>): Promise<Info | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { status } = error as { readonly status?: unknown };
    if (status === notFound) return undefined;
    throw error;
  }
}
