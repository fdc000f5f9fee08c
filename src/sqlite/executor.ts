import { statSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SqlCommand, SqlOutcome, SqlResult, SqlRow, SqlStatement } from "./command.ts";
import { rollBack } from "./connection.ts";
import { toRunningFault } from "./faults.ts";

/** How often it is looked whether the file is still there, where nothing durable is written. */
const lookMs = 1_000;

/**
 * Runs commands on one connection, a batch to a transaction: what makes a commit expensive is waiting for the disk, and a
 * batch waits once. A command that fails is rolled back alone; a commit that fails fails the batch.
 */
export class SqlExecutor {
  readonly #connection: DatabaseSync;
  readonly #file: string;
  readonly #identity: string | undefined;
  readonly #statements = new Map<string, StatementSync>();
  #isSynced = true;
  #isLost = false;
  #lookedAt = 0;

  constructor(connection: DatabaseSync, file: string) {
    this.#connection = connection;
    this.#file = file;
    this.#identity = identityOf(file);
  }

  /** Whether the file has been removed or replaced: then close this, and open the file anew. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Answers one outcome for each command, in order. Never throws. */
  run(batch: readonly SqlCommand[]): readonly SqlOutcome[] {
    const outcomes = this.#run(batch);
    if (!this.#isLostAfter(batch)) return outcomes;
    return batch.map(() => ({ fault: { kind: "broken", message: "the file has been removed or replaced" } }));
  }

  /** What is committed to a file that has no name any more is gone when the process ends, and no error says so. */
  #isLostAfter(batch: readonly SqlCommand[]): boolean {
    const now = performance.now();
    if (now - this.#lookedAt >= lookMs || batch.some((command) => command.durable)) {
      this.#lookedAt = now;
      this.#isLost = identityOf(this.#file) !== this.#identity;
    }
    return this.#isLost;
  }

  #run(batch: readonly SqlCommand[]): readonly SqlOutcome[] {
    try {
      this.#syncOnCommit(batch.some((command) => command.durable));
      const work = (): readonly SqlOutcome[] => batch.map((command) => this.#runCommand(command));
      return isOneStatement(batch) ? work() : this.#inTransaction(work);
    } catch (error) {
      const fault = toRunningFault(error);
      return fault.kind === "refused" && batch.length > 1 ? this.#runApart(batch) : batch.map(() => ({ fault }));
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  /** FULL waits for the disk at every commit; NORMAL leaves that to the next checkpoint, and loses no consistency. */
  #syncOnCommit(isSynced: boolean): void {
    if (this.#isSynced === isSynced) return;
    this.#connection.exec(`PRAGMA synchronous = ${isSynced ? "FULL" : "NORMAL"}`);
    this.#isSynced = isSynced;
  }

  /** Commands are hardly ever refused, so only the batch in which one was pays for savepoints: it runs once more, with them. */
  #runApart(batch: readonly SqlCommand[]): readonly SqlOutcome[] {
    try {
      return this.#inTransaction(() => batch.map((command) => this.#tryCommand(command)));
    } catch (error) {
      const fault = toRunningFault(error);
      return batch.map(() => ({ fault }));
    }
  }

  #inTransaction<T>(work: () => T): T {
    try {
      this.#prepared("BEGIN IMMEDIATE").run();
      const result = work();
      this.#prepared("COMMIT").run();
      return result;
    } catch (error) {
      rollBack(this.#connection);
      throw error;
    }
  }

  #tryCommand(command: SqlCommand): SqlOutcome {
    this.#prepared("SAVEPOINT command").run();
    const outcome = this.#refusable(command);
    if ("fault" in outcome) this.#prepared("ROLLBACK TO command").run();
    this.#prepared("RELEASE command").run();
    return outcome;
  }

  #refusable(command: SqlCommand): SqlOutcome {
    try {
      return this.#runCommand(command);
    } catch (error) {
      const fault = toRunningFault(error);
      // Anything but a refusal may have ended the whole transaction.
      if (fault.kind !== "refused") throw error;
      return { fault };
    }
  }

  #runCommand(command: SqlCommand): SqlOutcome {
    return { results: command.statements.map((statement) => this.#runStatement(statement)) };
  }

  #runStatement({ sql, params, get }: SqlStatement): SqlResult {
    const statement = this.#prepared(sql);
    if (get === "rows") return { rows: statement.all(...params) as readonly SqlRow[], changes: 0 };
    const { changes } = statement.run(...params);
    return { rows: [], changes: get === "changes" ? Number(changes) : 0 };
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Undefined where there is no file, or none that can be reached. */
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(file);
    return `${dev}/${ino}`;
  } catch {
    return undefined;
  }
}

/** Such a batch is a transaction by itself. */
function isOneStatement([command, ...others]: readonly SqlCommand[]): boolean {
  return others.length === 0 && command?.statements.length === 1;
}
