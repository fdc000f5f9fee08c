import { createHash } from "node:crypto";
import type { PostgresPool, PostgresPoolClient, PostgresResult } from "./client.ts";
import { isBroken, toError, toOpeningError } from "./faults.ts";
import { JobSignal } from "./job-signal.ts";
import { announceSql } from "./jobs.ts";
import { PostgresListener } from "./listener.ts";
import { migrate } from "./migrate.ts";
import { leavePool, makePool } from "./pool.ts";
import { ServerTime } from "./server-time.ts";

/** How a statement is run. */
export interface QueryOptions {
  /**
   * Whether the server prepares it once for each connection: for what runs all the time with few different texts. In a pool that was
   * given it never does: its sessions are set up otherwise, and a proxy may stand before the server.
   */
  readonly prepared?: boolean;
}

/** A transaction that is open. */
export interface PostgresTransaction {
  query(text: string, values?: unknown[], options?: QueryOptions): Promise<PostgresResult>;
}

/** The connections to one database, and the tables of one schema in it. */
export class PostgresEngine {
  readonly schema: string;
  readonly time = new ServerTime();
  readonly jobs = new JobSignal(() => this.query(announceSql(this.schema), [], {}));
  readonly #connection: string | PostgresPool;
  readonly #listener: PostgresListener;
  #opening: Promise<PostgresPool> | undefined;
  #pool: PostgresPool | undefined;

  constructor(connection: string | PostgresPool, schema: string) {
    this.#connection = connection;
    this.schema = quote(schema);
    this.#listener = new PostgresListener(() => this.#open());
  }

  async query(text: string, values: unknown[] | (() => unknown[]), options: QueryOptions): Promise<PostgresResult> {
    return await this.#withClient((client) => this.#query(client, text, typeof values === "function" ? values() : values, options));
  }

  async transaction<Result>(work: (client: PostgresTransaction) => Promise<Result>): Promise<Result> {
    return await this.#withClient(async (client) => {
      await this.#query(client, typeof this.#connection === "string" ? begin : beginInGiven);
      try {
        const result = await work({ query: (text, values, options) => this.#query(client, text, values, options) });
        await this.#query(client, "COMMIT");
        return result;
      } catch (error) {
        if (!isBroken(error)) await this.#query(client, "ROLLBACK");
        throw error;
      }
    });
  }

  async ready(): Promise<void> {
    await this.#open();
  }

  listen(channel: string, listener: () => void): () => void {
    return this.#listener.add(channel, listener);
  }

  async close(): Promise<void> {
    await this.jobs.close();
    await this.#listener.close();
    await this.#opening?.catch(() => {});
    if (this.#pool) leavePool(this.#pool);
    if (typeof this.#connection === "string") await this.#pool?.end();
  }

  async #withClient<Result>(work: (client: PostgresPoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#connect();
    let isUsable = true;
    const lose = () => {
      isUsable = false;
    };
    client.on("error", lose); // without a listener, a connection that breaks would end the process
    try {
      return await work(client);
    } catch (error) {
      if (isBroken(error)) lose();
      throw error;
    } finally {
      client.removeListener("error", lose);
      client.release(!isUsable);
    }
  }

  async #query(client: PostgresPoolClient, text: string, values: unknown[] = [], { prepared }: QueryOptions = {}): Promise<PostgresResult> {
    const isNamed = prepared && typeof this.#connection === "string";
    try {
      return await client.query(isNamed ? { text, values, name: nameOf(text) } : { text, values });
    } catch (error) {
      throw toError(error);
    }
  }

  async #connect(): Promise<PostgresPoolClient> {
    const pool = await this.#open();
    try {
      return await pool.connect();
    } catch (error) {
      throw toError(error);
    }
  }

  /** The pool, once the tables are there. What fails is tried again at the next use. */
  #open(): Promise<PostgresPool> {
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = undefined;
      throw toOpeningError(error);
    });
    return this.#opening;
  }

  async #start(): Promise<PostgresPool> {
    this.#pool ??= await makePool(this.#connection);
    await migrate(this.#pool, this.schema);
    return this.#pool;
  }
}

const begin = "BEGIN ISOLATION LEVEL READ COMMITTED";

/** Sessions of our own are set up so. A process that stops in the middle of a transaction would keep all others waiting for its locks. */
const beginInGiven = `${begin}; SELECT set_config('idle_in_transaction_session_timeout',
  CASE current_setting('idle_in_transaction_session_timeout') WHEN '0' THEN '30s'
  ELSE current_setting('idle_in_transaction_session_timeout') END, true)`;

const names = new Map<string, string>();

/** A name that no other text has, be it of another schema or another version, since connections may be shared with either. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = `hookwright_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
  names.set(text, name);
  return name;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
