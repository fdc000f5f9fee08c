import { ApplicationError, ConfigurationError, describeError, isWebhookError } from "../../errors.ts";
import { OpenCalls } from "../../open-calls.ts";
import { loadPeer } from "../../peer.ts";
import { type RedisClient, RedisEngine } from "./redis-engine.ts";

/** What a client of the package `ioredis` is known by. */
export interface RedisClientLike {
  duplicate(override?: object): unknown;
}

/** Where the jobs are. */
export interface RedisPlace {
  readonly connection: string | RedisClientLike;
  readonly name: string;
  readonly prefix: string;
}

/** Longest wait for a connection, and for an answer on it. */
const patienceMs = 5_000;
/** Until a socket that does not close is destroyed. */
const disconnectMs = 200;

const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 10), 1_000);

/**
 * For connections of ours: what cannot be sent now fails now, and nothing is sent later that has been reported as failed. They never
 * give up, and leave a server that has become a replica. Whatever a given client has set of these is set back.
 */
const settings = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: patienceMs,
  disconnectTimeout: disconnectMs,
  replyMapping: "legacy",
  stringNumbers: false,
  commandTimeout: undefined,
  blockingTimeout: undefined,
  retryStrategy,
  sentinelRetryStrategy: retryStrategy,
  reconnectOnError: (error: Error) => error.message.includes("READONLY"),
};
/** Without automatic pipelines, each of which waits for the end of the one before; commands that come together share a write all the same. */
const commandSettings = { ...settings, enableAutoPipelining: false, socketTimeout: patienceMs };
const blockingSettings = { ...settings, socketTimeout: 3 * patienceMs };

/** A connection with the last error that it had. */
interface Connection {
  readonly client: RedisClient;
  readonly fault: () => unknown;
}

/** The connections to Redis: one for commands, and one that waits for jobs where somebody watches. Opened when first needed. */
export class RedisLink {
  readonly #place: RedisPlace;
  readonly #calls = new OpenCalls("The queue");
  readonly #end = new AbortController();
  readonly #connections: Connection[] = [];
  #opening: Promise<{ readonly engine: RedisEngine; readonly connection: Connection }> | undefined;
  #blocking: Promise<Connection> | undefined;
  #isChecked = false;
  #checking: Promise<void> | undefined;

  constructor(place: RedisPlace) {
    checkConnection(place.connection);
    this.#place = place;
  }

  /**
   * Does something with Redis.
   *
   * @throws ApplicationError `queue_unavailable` where Redis is away or fails. The cause is a new error with the message alone:
   *   errors of `ioredis` carry the command, and so passwords and payloads.
   */
  run<Result>(work: (engine: RedisEngine) => Promise<Result>): Promise<Result> {
    return this.#calls.run(() => this.#run(work));
  }

  /** The connection that may wait, and BullMQ's marker. Rejects at once when the link is closed. */
  async blocking(): Promise<{ readonly client: RedisClient; readonly key: string }> {
    const { engine } = await this.#open();
    this.#calls.check();
    this.#blocking ??= this.#connect(blockingSettings);
    const connection = await this.#blocking;
    await whenReady(connection, this.#end.signal);
    return { client: connection.client, key: engine.backend.toKey("marker") };
  }

  close(): Promise<void> {
    this.#end.abort();
    return this.#calls.close(async () => {
      await this.#opening?.catch(() => {});
      await this.#blocking?.catch(() => {});
      await Promise.all(this.#connections.map(({ client }) => disconnect(client)));
    });
  }

  async #run<Result>(work: (engine: RedisEngine) => Promise<Result>): Promise<Result> {
    const { engine, connection } = await this.#open();
    try {
      if (!this.#isChecked || connection.client.status !== "ready") await this.#check(connection);
      return await work(engine);
    } catch (error) {
      if (isWebhookError(error)) throw error;
      const isAway = connection.client.status !== "ready";
      throw unavailable((isAway ? connection.fault() : undefined) ?? error);
    }
  }

  #open(): Promise<{ readonly engine: RedisEngine; readonly connection: Connection }> {
    this.#opening ??= this.#connect(commandSettings).then(async (connection) => {
      connection.client.on("ready", () => {
        this.#isChecked = false; // it may be another server
      });
      return { connection, engine: await RedisEngine.open(connection.client, this.#place) };
    });
    return this.#opening;
  }

  async #connect(override: object): Promise<Connection> {
    const client = await createClient(this.#place.connection, { ...override, connectionName: `hookwright:${this.#place.name}` });
    let fault: unknown;
    client.on("error", (error) => {
      fault = error;
    });
    const connection = { client, fault: () => fault };
    this.#connections.push(connection);
    void client.connect().catch(() => {}); // it goes on trying
    return connection;
  }

  /** Waits for the connection, and looks at the server once after each time that it was made. Calls that come together share this. */
  #check(connection: Connection): Promise<void> {
    this.#checking ??= this.#lookAtServer(connection).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #lookAtServer(connection: Connection): Promise<void> {
    await whenReady(connection);
    if (this.#isChecked) return;
    const memory = await connection.client.info("memory").catch((error: unknown) => {
      if (connection.client.status === "ready") return ""; // not allowed to know
      throw error;
    });
    const [, policy = "noeviction"] = /^maxmemory_policy:(\S+)/m.exec(memory) ?? [];
    if (policy.startsWith("allkeys-")) {
      const message = `Redis may evict jobs: its maxmemory-policy is ${policy}. Set it to noeviction.`;
      throw new ConfigurationError("invalid_options", message);
    }
    this.#isChecked = true;
  }
}

/**
 * Resolves when the socket is gone, and every timer. Between two tries there is no socket and no event that says so; but `ioredis`
 * then keeps the timer by which it would destroy one.
 */
function disconnect(client: RedisClient): Promise<void> {
  const hasSocket = ["connecting", "connect", "ready"].includes(client.status);
  return new Promise((resolve) => {
    client.disconnect();
    const timer = setTimeout(resolve, hasSocket ? patienceMs : disconnectMs);
    client.on("end", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Resolves when the connection can be used; rejects after a while, or when it is not wanted any more. */
function whenReady({ client, fault }: Connection, signal?: AbortSignal): Promise<void> {
  if (client.status === "ready") return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      client.off("ready", onReady);
      signal?.removeEventListener("abort", onAbort);
      settle();
    };
    const onReady = () => end(resolve);
    const onAbort = () => end(() => reject(signal?.reason));
    const timer = setTimeout(() => {
      end(() => reject(unavailable(fault() ?? new Error(`Redis did not answer within ${patienceMs} ms.`))));
    }, patienceMs);
    client.on("ready", onReady);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
  });
}

function checkConnection(connection: string | RedisClientLike): void {
  const fault = typeof connection === "string" ? urlFault(connection) : clientFault(connection);
  if (fault !== undefined) throw new ConfigurationError("invalid_options", `redisQueue: connection ${fault}`);
}

/** The URL may hold a password, so that no message shows it. */
function urlFault(url: string): string | undefined {
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  return ["redis:", "rediss:"].includes(protocol) ? undefined : "is not a URL that begins with redis:// or rediss://.";
}

function clientFault(client: Partial<RedisClient & RedisClientLike & { readonly isCluster: boolean }> | undefined): string | undefined {
  if (typeof client?.duplicate !== "function" || typeof client.defineCommand !== "function" || client.isCluster) {
    return "is neither a URL nor a client made with `new Redis()` of the package ioredis.";
  }
  return client.options?.keyPrefix ? "has a keyPrefix, which BullMQ does not work with: use redisQueue's prefix." : undefined;
}

async function createClient(connection: string | RedisClientLike, override: object): Promise<RedisClient> {
  if (typeof connection !== "string") return connection.duplicate(override) as RedisClient;
  const { Redis } = await loadPeer("ioredis", () => import("ioredis"));
  return new Redis(connection, override) as unknown as RedisClient;
}

function unavailable(error: unknown): ApplicationError {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  const cause = new Error(typeof code === "string" ? `${code}: ${describeError(error)}` : describeError(error));
  return new ApplicationError("queue_unavailable", undefined, { cause });
}
