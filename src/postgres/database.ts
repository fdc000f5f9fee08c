import { ConfigurationError } from "../errors.ts";
import { OpenCalls } from "../open-calls.ts";
import type { PostgresPool, PostgresResult } from "./client.ts";
import { PostgresEngine, type PostgresTransaction, type QueryOptions } from "./engine.ts";
import { jobsChannel } from "./jobs.ts";
import type { ServerTime } from "./server-time.ts";

/** Where the tables are. */
export interface PostgresOptions {
  /** A connection string, or a `Pool` of `pg`, which stays open when this is closed. */
  readonly connection: string | PostgresPool;
  /** Schema of the tables, made if absent. Default `hookwright`. */
  readonly schema?: string;
}

/** A hold on a database. Whoever holds the same one in this process, by the same string or pool and schema, shares its connections. */
export interface PostgresDatabase {
  /** The schema as a quoted identifier, ready for SQL text. */
  readonly schema: string;
  /** One value for all holds on this database and schema. */
  readonly location: unknown;
  /** How this process's clock stands to the server's. */
  readonly time: ServerTime;
  /**
   * Runs one statement in a transaction of its own. At the first use the tables are made or brought up to date. Values that depend
   * on the time are given as a function, which is called when a connection is at hand.
   *
   * @throws ConfigurationError `closed`, `database_newer`, `package_missing`, or `invalid_options` where the server lets us not in.
   * @throws ApplicationError `store_unavailable` where the statement failed; its cause has the SQLSTATE as `code`.
   */
  query(text: string, values?: unknown[] | (() => unknown[]), options?: QueryOptions): Promise<PostgresResult>;
  /** Runs work in one transaction, READ COMMITTED: committed when it resolves, rolled back when it rejects. Throws as `query` does, and what the work throws. */
  transaction<Result>(work: (client: PostgresTransaction) => Promise<Result>): Promise<Result>;
  /** Resolves when the tables are there and up to date; needs a connection the first time only. Throws as `query` does. */
  ready(): Promise<void>;
  /**
   * Calls back after a `NOTIFY` on a channel, and when one may have been missed because the connection was lost. It comes
   * through a connection of its own; a pool of one connection has none to spare, and then nothing comes. Returns what stops it.
   */
  listen(channel: string, listener: () => void): () => void;
  /** Tells whoever waits for jobs, in this process and others, that a commit has brought some. */
  announceJobs(): void;
  /** Calls back when a commit may have brought jobs. Returns what stops it. */
  watchJobs(listener: () => void): () => void;
  /** Another hold on the same database, closed on its own. */
  share(): PostgresDatabase;
  /** Lets go once what was asked through this hold is done; the last one ends the connections that are ours. */
  close(): Promise<void>;
}

interface Shared {
  readonly engine: PostgresEngine;
  holds: number;
}

const open = new Map<string | PostgresPool, Map<string, Shared>>();

/**
 * Takes hold of a database. Nothing is connected before the first use; what is wrong with the connection rejects that.
 *
 * @throws ConfigurationError `invalid_options` where the name of the schema cannot be one.
 */
export function openPostgres({ connection, schema = "hookwright" }: PostgresOptions): PostgresDatabase {
  if (schema === "" || schema.includes("\0") || Buffer.byteLength(schema) > longestNameBytes || schema.startsWith("pg_")) {
    throw new ConfigurationError("invalid_options", "schema: expected a name of 1 to 63 bytes that does not begin with pg_.");
  }
  if (connection === "") throw new ConfigurationError("invalid_options", "connection: expected a connection string or a Pool of pg.");
  return new DatabaseHold(connection, schema);
}

const longestNameBytes = 63;

class DatabaseHold implements PostgresDatabase {
  readonly #connection: string | PostgresPool;
  readonly #schema: string;
  readonly #shared: Shared;
  readonly #calls: OpenCalls;
  readonly #listening = new Set<() => void>();

  constructor(connection: string | PostgresPool, schema: string) {
    this.#connection = connection;
    this.#schema = schema;
    this.#calls = new OpenCalls(`The PostgreSQL database, schema ${schema},`);
    const schemas = open.get(connection) ?? new Map<string, Shared>();
    this.#shared = schemas.get(schema) ?? { engine: new PostgresEngine(connection, schema), holds: 0 };
    this.#shared.holds++;
    open.set(connection, schemas.set(schema, this.#shared));
  }

  get schema(): string {
    return this.#shared.engine.schema;
  }

  get location(): unknown {
    return this.#shared.engine;
  }

  get time(): ServerTime {
    return this.#shared.engine.time;
  }

  query(text: string, values: unknown[] | (() => unknown[]) = [], options: QueryOptions = {}): Promise<PostgresResult> {
    return this.#calls.run(() => this.#shared.engine.query(text, values, options));
  }

  transaction<Result>(work: (client: PostgresTransaction) => Promise<Result>): Promise<Result> {
    return this.#calls.run(() => this.#shared.engine.transaction(work));
  }

  ready(): Promise<void> {
    return this.#calls.run(() => this.#shared.engine.ready());
  }

  listen(channel: string, listener: () => void): () => void {
    this.#calls.check();
    return this.#stopAtClose(this.#shared.engine.listen(channel, listener));
  }

  announceJobs(): void {
    this.#shared.engine.jobs.announce();
  }

  watchJobs(listener: () => void): () => void {
    this.#calls.check();
    const stops = [this.#shared.engine.jobs.watch(listener), this.listen(jobsChannel(this.schema), listener)];
    return this.#stopAtClose(() => stops.forEach((stop) => void stop()));
  }

  #stopAtClose(stop: () => void): () => void {
    const forget = () => {
      this.#listening.delete(forget);
      stop();
    };
    this.#listening.add(forget);
    return forget;
  }

  share(): PostgresDatabase {
    this.#calls.check();
    return new DatabaseHold(this.#connection, this.#schema);
  }

  close(): Promise<void> {
    for (const stop of this.#listening) stop();
    return this.#calls.close(() => this.#letGo());
  }

  async #letGo(): Promise<void> {
    if (--this.#shared.holds > 0) return;
    const schemas = open.get(this.#connection);
    if (schemas?.get(this.#schema) === this.#shared) schemas.delete(this.#schema);
    if (schemas?.size === 0) open.delete(this.#connection);
    await this.#shared.engine.close();
  }
}
