import type { Clock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";

/** A ready `NatsConnection` of `@nats-io/transport-node`, told by some of its members. It stays open when the queue is closed. */
export interface NatsReadyConnection {
  publish(subject: string): void;
  request(subject: string): Promise<unknown>;
  flush(): Promise<void>;
  isClosed(): boolean;
}

/** Where the queue is, and how it is reached. */
export interface NatsQueueOptions {
  /** `nats://user:password@host:4222`, `nats://token@host`, `tls://…`, several with commas between; or a ready connection. */
  readonly connection: string | NatsReadyConnection;
  /** Names the queue's streams and begins its subjects: letters, digits, `-` and `_`. Default `hookwright`. */
  readonly name?: string;
  /** Copies that the streams are kept in when they are made. Default 1. */
  readonly replicas?: number;
  /** The server's `max_payload`. Default 1,048,576. */
  readonly largestMessageBytes?: number;
  /** Longest wait for an answer, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** The options that the engine sees, complete. */
export type NatsSettings = Required<Omit<NatsQueueOptions, "clock">>;

/**
 * Checks options and fills in defaults.
 *
 * @throws ConfigurationError `invalid_options`.
 */
export function natsSettings({
  connection,
  name = "hookwright",
  replicas = 1,
  largestMessageBytes = 1_048_576,
  timeoutMs = 5_000,
}: NatsQueueOptions): NatsSettings {
  const faults: string[] = [];
  if (typeof connection === "string" && !isConnectionString(connection)) faults.push("`connection` is not of the form nats://host:port");
  if (!/^[\w-]{1,100}$/.test(name)) faults.push("`name` is of letters, digits, - and _");
  if (!(Number.isInteger(replicas) && replicas >= 1 && replicas <= 5)) faults.push("`replicas` is a whole number from 1 to 5");
  if (!(largestMessageBytes >= 8_192)) faults.push("`largestMessageBytes` is at least 8,192");
  if (!(Number.isInteger(timeoutMs) && timeoutMs >= 1)) faults.push("`timeoutMs` is a whole number of at least 1");
  if (faults.length > 0) throw new ConfigurationError("invalid_options", `The options of the NATS queue are wrong: ${faults.join("; ")}.`);
  return { connection, name, replicas, largestMessageBytes, timeoutMs };
}

/** A connection string as the client wants it: hosts without a secret in them, and the secret apart. */
export interface NatsServers {
  readonly servers: string[];
  readonly tls?: Record<string, never>;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

/** Reads a connection string. Its first host's secret is that of all. */
export function readConnectionString(text: string): NatsServers {
  const urls = text.split(",").map((part) => new URL(part.trim()));
  const [first] = urls;
  const user = decodeURIComponent(first?.username ?? "");
  const pass = decodeURIComponent(first?.password ?? "");
  return {
    servers: urls.map(({ host }) => host),
    ...(urls.some(({ protocol }) => protocol === "tls:") ? { tls: {} } : {}),
    ...(pass ? { user, pass } : user ? { token: user } : {}),
  };
}

function isConnectionString(text: string): boolean {
  return text
    .split(",")
    .every((part) => /^(?:nats|tls):$/.test(URL.parse(part.trim())?.protocol ?? "") && URL.parse(part.trim())?.host !== "");
}
