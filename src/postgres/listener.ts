import { Listeners } from "../listeners.ts";
import type { PostgresPool, PostgresPoolClient } from "./client.ts";

/** Wait before a lost connection is made anew, in milliseconds. */
const reconnectMs = 1_000;

/** Passes on what comes through `LISTEN`, on one connection that is there while anyone listens. */
export class PostgresListener {
  readonly #open: () => Promise<PostgresPool>;
  readonly #listeners = new Map<string, Listeners>();
  #running: Promise<void> | undefined;
  #client: PostgresPoolClient | undefined;
  /** Ends the connection that is there, or the wait for the next. */
  #interrupt = () => {};
  #isClosed = false;

  constructor(open: () => Promise<PostgresPool>) {
    this.#open = open;
  }

  add(channel: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(channel) ?? new Listeners();
    const isNew = listeners.size === 0;
    const stop = listeners.add(listener);
    this.#listeners.set(channel, listeners);
    if (isNew && this.#client) void this.#join(this.#client, channel);
    this.#running ??= this.#run();
    return () => {
      stop();
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel);
      if (this.#listeners.size === 0) this.#interrupt();
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#interrupt();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isWanted()) {
      try {
        const pool = await this.#open();
        if (pool.options?.max === 1) break; // it would leave none for the work
        const client = await pool.connect();
        await this.#listen(client).finally(() => client.release(true));
      } catch {
        // The engine does not answer; whoever sends or claims says so.
      }
      if (this.#isWanted()) await this.#pause();
    }
    this.#running = undefined;
  }

  #isWanted(): boolean {
    return !this.#isClosed && this.#listeners.size > 0;
  }

  /** Listens until the connection breaks or nobody listens any more. */
  async #listen(client: PostgresPoolClient): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#interrupt = resolve;
      client.on("error", () => resolve());
      client.on("end", () => resolve());
    });
    client.on("notification", (message) => this.#announce((message as { readonly channel: string }).channel));
    this.#client = client;
    for (const channel of this.#listeners.keys()) void this.#join(client, channel);
    if (this.#isWanted()) await ended;
    this.#client = undefined;
  }

  /** Calls the channel's listeners once it is joined: for what came before, or while there was no connection. */
  async #join(client: PostgresPoolClient, channel: string): Promise<void> {
    try {
      await client.query(`LISTEN "${channel.replaceAll('"', '""')}"`);
      this.#announce(channel);
    } catch {
      // Unless that connection has ended, and what would be interrupted now is the wait for the next.
      if (this.#client === client) this.#interrupt();
    }
  }

  #announce(channel: string): void {
    this.#listeners.get(channel)?.call();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, reconnectMs);
      timer.unref();
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
