import { ApplicationError, ConfigurationError, type WebhookError } from "../errors.ts";
import { Listeners } from "../listeners.ts";
import { OpenCalls } from "../open-calls.ts";
import type { SqlCommand, SqlFault, SqlResult } from "./command.ts";
import { SqlEngine } from "./engine.ts";
import { realFile } from "./real-file.ts";

/** Where the embedded database lives. */
export interface DatabaseOptions {
  /** Path of the file, made if absent; its directory must exist. Default `hookwright.db` in the working directory. */
  readonly file?: string;
}

/** A hold on an embedded database. Whoever holds the same file in this process shares its connections and its thread. */
export interface SqliteDatabase {
  /** Path of the file, without symbolic links: holds on one database in this process have the same. */
  readonly location: string;
  /**
   * Runs a command in a transaction, together with others that come at the same time.
   *
   * @throws ConfigurationError `closed`, `database_newer`, or `invalid_options` where the file cannot be used.
   * @throws ApplicationError `store_unavailable` where the command failed.
   */
  execute(command: SqlCommand): Promise<readonly SqlResult[]>;
  /**
   * Tells the listeners of every hold on this database in this process that jobs may have become due. Whoever commits jobs calls it
   * afterwards, be it the queue or not.
   */
  announceJobs(): void;
  /** Calls back at every announcement until the hold is closed. Returns what stops it. */
  onJobs(listener: () => void): () => void;
  /** Another hold on the same database, closed on its own. */
  share(): SqliteDatabase;
  /** Lets go once what was asked through this hold is done; the last one closes the file and ends the thread. */
  close(): Promise<void>;
}

interface Shared {
  readonly engine: SqlEngine;
  readonly listeners: Listeners;
  holds: number;
}

const open = new Map<string, Shared>();

/**
 * Takes hold of the database in a file. Nothing is opened before the first command; what is wrong with the file rejects it.
 *
 * @throws ConfigurationError `invalid_options` for a URL, and for an in-memory database, which two threads cannot share.
 */
export function openDatabase({ file = "hookwright.db" }: DatabaseOptions = {}): SqliteDatabase {
  if (file === "" || file === ":memory:") {
    throw new ConfigurationError("invalid_options", "file: expected the path of a file. To keep nothing on disk use the memory drivers.");
  }
  // A path is repeated in messages, and a URL may hold a password.
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(file))
    throw new ConfigurationError("invalid_options", "file: expected the path of a file, got a URL.");
  return new DatabaseHold(realFile(file));
}

class DatabaseHold implements SqliteDatabase {
  readonly location: string;
  readonly #shared: Shared;
  readonly #calls: OpenCalls;
  /** What stops each listener of this hold. */
  readonly #listening = new Set<() => void>();

  constructor(file: string) {
    this.location = file;
    this.#calls = new OpenCalls(`The database ${file}`);
    this.#shared = open.get(file) ?? { engine: new SqlEngine(file), listeners: new Listeners(), holds: 0 };
    this.#shared.holds++;
    open.set(file, this.#shared);
  }

  async execute(command: SqlCommand): Promise<readonly SqlResult[]> {
    const outcome = await this.#calls.run(() => this.#shared.engine.execute(command));
    if ("fault" in outcome) throw toError(outcome.fault, this.location);
    return outcome.results;
  }

  announceJobs(): void {
    this.#shared.listeners.call();
  }

  onJobs(listener: () => void): () => void {
    this.#calls.check();
    const stopListening = this.#shared.listeners.add(listener);
    const stop = (): void => {
      this.#listening.delete(stop);
      stopListening();
    };
    this.#listening.add(stop);
    return stop;
  }

  share(): SqliteDatabase {
    this.#calls.check();
    return new DatabaseHold(this.location);
  }

  close(): Promise<void> {
    for (const stop of this.#listening) stop();
    return this.#calls.close(() => this.#letGo());
  }

  async #letGo(): Promise<void> {
    if (--this.#shared.holds > 0) return;
    if (open.get(this.location) === this.#shared) open.delete(this.location);
    await this.#shared.engine.close();
  }
}

function toError({ kind, message }: SqlFault, file: string): WebhookError {
  switch (kind) {
    case "newer":
      return new ConfigurationError("database_newer", message);
    case "foreign":
    case "unopenable":
      return new ConfigurationError("invalid_options", message);
    case "busy":
      return new ApplicationError("store_unavailable", `${file} is locked: another process has been writing to it for too long.`);
    case "refused":
    case "broken":
      return new ApplicationError("store_unavailable", `${file}: ${message}.`);
    default:
      return kind satisfies never;
  }
}
