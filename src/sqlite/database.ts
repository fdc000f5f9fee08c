import { resolve } from "node:path";
import { ApplicationError, ConfigurationError, type WebhookError } from "../errors.ts";
import type { SqlCommand, SqlFault, SqlResult } from "./command.ts";
import { SqlEngine } from "./engine.ts";

/** Where the embedded database lives. */
export interface DatabaseOptions {
  /** Path of the file, made if absent; its directory must exist. Default `hookwright.db` in the working directory. */
  readonly file?: string;
}

/** A hold on an embedded database. Whoever holds the same file in this process shares its connections and its thread. */
export interface SqliteDatabase {
  /**
   * Runs a command in a transaction, together with others that come at the same time.
   *
   * @throws ConfigurationError `closed`, `database_newer`, or `invalid_options` where the file cannot be used.
   * @throws ApplicationError `store_unavailable` where the command failed.
   */
  execute(command: SqlCommand): Promise<readonly SqlResult[]>;
  /** Another hold on the same database, closed on its own. */
  share(): SqliteDatabase;
  /** Lets go once what was asked through this hold is done; the last one closes the file and ends the thread. */
  close(): Promise<void>;
}

interface Shared {
  readonly engine: SqlEngine;
  holds: number;
}

const open = new Map<string, Shared>();

/**
 * Takes hold of the database in a file. Nothing is opened before the first command; what is wrong with the file rejects it.
 *
 * @throws ConfigurationError `invalid_options` for an in-memory database, which two threads cannot share.
 */
export function openDatabase({ file = "hookwright.db" }: DatabaseOptions = {}): SqliteDatabase {
  if (file === "" || file === ":memory:") {
    throw new ConfigurationError("invalid_options", "file: expected the path of a file. To keep nothing on disk use the memory drivers.");
  }
  return new DatabaseHold(resolve(file));
}

class DatabaseHold implements SqliteDatabase {
  readonly #file: string;
  readonly #shared: Shared;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#shared = open.get(file) ?? { engine: new SqlEngine(file), holds: 0 };
    this.#shared.holds++;
    open.set(file, this.#shared);
  }

  async execute(command: SqlCommand): Promise<readonly SqlResult[]> {
    if (this.#closing) throw new ConfigurationError("closed", `The database ${this.#file} has been closed.`);
    const running = this.#shared.engine.execute(command);
    this.#running.add(running);
    const outcome = await running;
    this.#running.delete(running);
    if ("fault" in outcome) throw toError(outcome.fault);
    return outcome.results;
  }

  share(): SqliteDatabase {
    if (this.#closing) throw new ConfigurationError("closed", `The database ${this.#file} has been closed.`);
    return new DatabaseHold(this.#file);
  }

  close(): Promise<void> {
    this.#closing ??= this.#letGo();
    return this.#closing;
  }

  async #letGo(): Promise<void> {
    await Promise.all(this.#running);
    if (--this.#shared.holds > 0) return;
    if (open.get(this.#file) === this.#shared) open.delete(this.#file);
    await this.#shared.engine.close();
  }
}

function toError({ kind, message }: SqlFault): WebhookError {
  switch (kind) {
    case "newer":
      return new ConfigurationError("database_newer", message);
    case "foreign":
    case "unopenable":
      return new ConfigurationError("invalid_options", message);
    case "busy":
    case "refused":
    case "broken":
      return new ApplicationError("store_unavailable", message);
    default:
      return kind satisfies never;
  }
}
