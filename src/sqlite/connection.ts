import { accessSync, closeSync, constants, existsSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { SqlFaultError, toFault } from "./faults.ts";
import { applicationId, migrations } from "./migrations.ts";
import { openFile } from "./node-sqlite.ts";
import { realFile } from "./real-file.ts";

/** How a connection deals with others on the same file. */
export interface ConnectionOptions {
  /** Longest wait for a lock that another connection holds, in milliseconds; 0 fails at once. */
  readonly busyTimeoutMs: number;
  /** Whether its commits move the log into the database file now and then, which can take some milliseconds. */
  readonly checkpoints: boolean;
}

/** Longest time for opening anew what was locked, unless one wait for the lock is longer. */
const openPatienceMs = 2_000;
const openPauseMs = 50;
/** Length of the log at which a commit moves it into the database file: 16 MiB, so that a page that many jobs touch moves once. */
const logPages = 4_000;
/** What is left of the log file after a burst. */
const longestLogBytes = 64 * 1024 * 1024;
/** Pages kept in memory, enough for the indexes of some hundred thousand jobs. */
const cacheKiB = 16_384;

/**
 * Opens a database file, creating or migrating it as needed; any number of processes may do so at once.
 *
 * @throws SqlFaultError `newer`, `foreign`, `unopenable`, `busy` or `broken`.
 */
export function openConnection(file: string, options: ConnectionOptions): DatabaseSync {
  const { busyTimeoutMs } = options;
  const giveUpAt = busyTimeoutMs === 0 ? 0 : performance.now() + Math.max(busyTimeoutMs, openPatienceMs);
  for (;;) {
    try {
      return tryToOpen(file, options);
    } catch (error) {
      if (toFault(error).kind !== "busy" || performance.now() >= giveUpAt) throw explain(file, error);
      // Turning on the write-ahead log takes a lock that SQLite does not always wait for.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, openPauseMs);
    }
  }
}

function tryToOpen(file: string, options: ConnectionOptions): DatabaseSync {
  makePrivate(realFile(file));
  const connection = openFile(file);
  try {
    // SQLite would open it for reading, and fail at the first job.
    if (!isWritable(file)) throw unopenable(file, mayNotWrite);
    connection.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs}`);
    const version = checkedVersion(connection, file);
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec(`PRAGMA wal_autocheckpoint = ${options.checkpoints ? logPages : 0}`);
    connection.exec(`PRAGMA journal_size_limit = ${longestLogBytes}`);
    connection.exec(`PRAGMA cache_size = -${cacheKiB}`);
    connection.exec("PRAGMA synchronous = FULL");
    if (version < migrations.length) migrate(connection, file);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A new file is for its owner alone, since it holds payloads. SQLite gives the log files beside it the same mode. */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, "ax", 0o600));
  } catch {
    // It exists, or cannot be made; in that case SQLite says so next.
  }
}

/** Reads which step of the schema the file has, before anything is written to it. */
function checkedVersion(connection: DatabaseSync, file: string): number {
  const version = pragma(connection, "user_version");
  const application = pragma(connection, "application_id");
  if (application === applicationId) {
    if (version <= migrations.length) return version;
    const message = `${file} has schema version ${version}; this version of Hookwright knows ${migrations.length}.`;
    throw new SqlFaultError({ kind: "newer", message });
  }
  const isEmpty = application === 0 && version === 0 && connection.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
  if (!isEmpty) throw new SqlFaultError({ kind: "foreign", message: foreignMessage(file) });
  return 0;
}

function migrate(connection: DatabaseSync, file: string): void {
  connection.exec("BEGIN EXCLUSIVE");
  try {
    const version = checkedVersion(connection, file);
    for (const step of migrations.slice(version)) connection.exec(step);
    connection.exec(`PRAGMA application_id = ${applicationId}`);
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
    connection.exec("COMMIT");
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** Ends a transaction that failed. SQLite may have done so itself already. */
export function rollBack(connection: DatabaseSync): void {
  try {
    connection.exec("ROLLBACK");
  } catch {
    // no transaction was open
  }
}

function pragma(connection: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(connection.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function foreignMessage(file: string): string {
  return `${file} exists and is not a Hookwright database. Choose another file.`;
}

/** Where the path is what is wrong, names it, and says what about it. */
function explain(file: string, error: unknown): SqlFaultError {
  const fault = toFault(error);
  if (error instanceof SqlFaultError) return error;
  if (fault.kind === "foreign") return new SqlFaultError({ kind: "foreign", message: foreignMessage(file) });
  return fault.kind === "unopenable" ? unopenable(file, openingProblem(file)) : new SqlFaultError(fault);
}

const mayNotWrite = "this process may not write to it";

function unopenable(file: string, problem: string): SqlFaultError {
  return new SqlFaultError({ kind: "unopenable", message: `Cannot open ${file}: ${problem}.` });
}

function openingProblem(file: string): string {
  const directory = dirname(file);
  if (!existsSync(directory)) return `the directory ${directory} does not exist; create it`;
  if (!isWritable(directory)) return `this process may not write to the directory ${directory}`;
  if (!existsSync(file)) return "it cannot be made";
  if (statSync(file).isDirectory()) return "it is a directory";
  return isWritable(file) ? "the system refuses; this process may have too many files open" : mayNotWrite;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
