import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { ApplicationError, ConfigurationError } from "../errors.ts";
import type { SqlRow } from "./command.ts";
import { openConnection, rollBack } from "./connection.ts";
import { openDatabase } from "./database.ts";
import {
  countSql,
  deleteListedSql,
  dropListTables,
  type ExportedTable,
  exportedTables,
  listSql,
  listTables,
  readSql,
} from "./export-tables.ts";
import { SqlFaultError, toFault } from "./faults.ts";
import { applicationId, migrations } from "./migrations.ts";
import { openFile } from "./node-sqlite.ts";
import { type DatabaseTime, databaseTime } from "./time.ts";

export { type ExportedTable, exportedTables };

/** What a file holds. `deadJobs` are among the `jobs`. */
export type FileContents = Readonly<Record<ExportedTable | "deadJobs", number>>;

/** Longest wait for a process that is writing to the file. */
const busyTimeoutMs = 10_000;

/**
 * Looks into a file and changes nothing; a database of an older version stays one.
 *
 * @throws ConfigurationError `database_newer`, or `invalid_options` where there is no such file or it is no database of Hookwright's.
 */
export function inspectFile(file: string): FileContents {
  if (!existsSync(file)) throw new ConfigurationError("invalid_options", `${file} does not exist. Name the file that \`database\` names.`);
  return explained(file, () => {
    const connection = openFile(file);
    try {
      connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
      checkVersion(connection, file);
      return readContents(connection);
    } finally {
      connection.close();
    }
  });
}

/**
 * Takes hold of a file from which everything is to be moved away. It is brought up to date first.
 *
 * @throws ConfigurationError as {@link inspectFile}.
 * @throws ApplicationError `store_unavailable` from here and every method, where another process writes for too long, or the disk fails.
 */
export async function openExport(file: string, clock: Clock): Promise<SqliteExport> {
  inspectFile(file);
  const time = await readTime(file, clock);
  return explained(file, () => new SqliteExport(file, openConnection(file, { busyTimeoutMs, checkpoints: true }), time));
}

async function readTime(file: string, clock: Clock): Promise<DatabaseTime> {
  const timed = databaseTime(openDatabase({ file }), clock);
  try {
    return await timed.use(async (time) => time);
  } catch (error) {
    if (!(error instanceof ApplicationError)) throw error;
    throw new ApplicationError("store_unavailable", `${error.message} ${stopWriters}`);
  } finally {
    await timed.close();
  }
}

const stopWriters = "If another process writes to the file, stop it.";

/**
 * A file that is being emptied, in two transactions. The first lists what there is, under the id of the move. The second reads what
 * is listed, and deletes it once it has been committed elsewhere. Should the process end between that commit and the
 * deletion, whoever comes next finds the list, learns that the move of its id was committed, and deletes what is listed and nothing that has come since.
 */
export class SqliteExport {
  readonly #file: string;
  readonly #connection: DatabaseSync;
  readonly #time: DatabaseTime;
  #since = 0;

  constructor(file: string, connection: DatabaseSync, time: DatabaseTime) {
    this.#file = file;
    this.#connection = connection;
    this.#time = time;
  }

  /** The file's time, in which its rows are. */
  now(): number {
    return this.#time.now();
  }

  /** Locks the file against everybody who would write. */
  lock(): void {
    this.#run((connection) => connection.exec("BEGIN IMMEDIATE"));
    this.#since = this.now();
  }

  /** Keeps what was done since {@link lock}, safe from a power cut, and lets the others write. */
  commit(): void {
    this.#run((connection) => connection.exec("COMMIT"));
  }

  /** Undoes what was done since {@link lock}. */
  rollBack(): void {
    rollBack(this.#connection);
  }

  /** The id of a move that was begun and is not known to be over. */
  pendingId(): string | undefined {
    return this.#run((connection) => {
      if (!isTableThere(connection, "moves")) return undefined;
      const id = connection.prepare("SELECT id FROM moves").get()?.["id"];
      return typeof id === "string" ? id : undefined;
    });
  }

  /** Lists what there is; an earlier list is forgotten. */
  list(id: string): void {
    this.forgetList();
    this.#run((connection) => {
      connection.exec(listTables);
      connection.prepare("INSERT INTO moves (id) VALUES (?)").run(id);
      connection.exec(listSql);
    });
  }

  forgetList(): void {
    this.#run((connection) => {
      if (isTableThere(connection, "moves")) connection.exec(dropListTables);
    });
  }

  /** Rows that are to be moved, one by one; read them to the end, or leave the loop, before anything else is done. */
  *rows(table: ExportedTable): Generator<SqlRow> {
    const rows = this.#run((connection) => connection.prepare(readSql[table]).iterate(...this.#parametersOf(table)));
    try {
      for (let next = this.#run(() => rows.next()); !next.done; next = this.#run(() => rows.next())) yield next.value as SqlRow;
    } finally {
      rows.return?.(); // what has not been read to its end keeps its tables from being dropped
    }
  }

  /** How many rows {@link rows} has to give. */
  count(table: ExportedTable): number {
    return this.#run((connection) => Number(connection.prepare(countSql[table]).get(...this.#parametersOf(table))?.["total"]));
  }

  deleteListed(): void {
    this.#run((connection) => connection.exec(deleteListedSql));
  }

  /** Deletes the remembered deliveries, those whose retention is over among them. */
  deleteDeliveries(): void {
    this.#run((connection) => connection.exec("DELETE FROM deliveries"));
  }

  /** What is there now. */
  contents(): FileContents {
    return this.#run(readContents);
  }

  close(): void {
    this.#connection.close();
  }

  #parametersOf(table: ExportedTable): readonly number[] {
    return table === "deliveries" ? [this.#since] : [];
  }

  #run<Result>(work: (connection: DatabaseSync) => Result): Result {
    return explained(this.#file, () => work(this.#connection));
  }
}

function checkVersion(connection: DatabaseSync, file: string): void {
  if (readPragma(connection, "application_id") !== applicationId) throw foreign(file);
  const version = readPragma(connection, "user_version");
  if (version <= migrations.length) return;
  const message = `${file} has schema version ${version}; this version of Hookwright knows ${migrations.length}. Run the newer version.`;
  throw new ConfigurationError("database_newer", message);
}

function readPragma(connection: DatabaseSync, name: "application_id" | "user_version"): number {
  return Number(connection.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** An older file has fewer tables. */
function readContents(connection: DatabaseSync): FileContents {
  const count = (table: string, condition = "TRUE"): number =>
    isTableThere(connection, table)
      ? Number(connection.prepare(`SELECT count(*) AS total FROM ${table} WHERE ${condition}`).get()?.["total"])
      : 0;
  return {
    jobs: count("jobs"),
    deadJobs: count("jobs", "dead_at IS NOT NULL"),
    deliveries: count("deliveries"),
    outbox: count("outbox"),
    bodies: count("bodies"),
    deadLetters: count("dead_letters"),
  };
}

function isTableThere(connection: DatabaseSync, name: string): boolean {
  return connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

function explained<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof ApplicationError) throw error;
    const { kind, message } = toFault(error);
    if (kind === "foreign") throw foreign(file);
    if (kind === "busy") throw new ApplicationError("store_unavailable", `${file}: the file is locked. ${stopWriters}`);
    if (kind === "unopenable" || kind === "newer") {
      throw new ConfigurationError(
        kind === "newer" ? "database_newer" : "invalid_options",
        error instanceof SqlFaultError ? message : `${file}: ${message}.`,
      );
    }
    throw new ApplicationError("store_unavailable", `${file}: ${message}.`);
  }
}

function foreign(file: string): ConfigurationError {
  return new ConfigurationError("invalid_options", `${file} is not a Hookwright database.`);
}
