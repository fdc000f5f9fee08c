import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SqlCommand, SqlOutcome, SqlResult, SqlRow, SqlStatement } from "./command.ts";
import { rollBack } from "./connection.ts";
import { SqlFaultError, toFault } from "./faults.ts";

/**
 * Runs commands on one connection, a batch to a transaction: what makes a commit expensive is waiting for the disk, and a
 * batch waits once. A command that fails is rolled back alone; a commit that fails fails the batch.
 */
export class SqlExecutor {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isSynced = true;

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  /** Answers one outcome for each command, in order. Never throws. */
  run(batch: readonly SqlCommand[]): readonly SqlOutcome[] {
    try {
      this.#syncOnCommit(batch.some((command) => command.durable));
      this.#prepared("BEGIN IMMEDIATE").run();
      const outcomes = batch.map((command) => this.#runCommand(command, batch.length > 1));
      this.#prepared("COMMIT").run();
      return outcomes;
    } catch (error) {
      rollBack(this.#connection);
      const fault = toFault(error);
      return batch.map(() => ({ fault }));
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

  #runCommand(command: SqlCommand, isOneOfMany: boolean): SqlOutcome {
    const hasSavepoint = isOneOfMany && command.statements.length > 1;
    if (hasSavepoint) this.#prepared("SAVEPOINT command").run();
    try {
      const results = command.statements.map((statement) => this.#runStatement(statement));
      if (hasSavepoint) this.#prepared("RELEASE command").run();
      return { results };
    } catch (error) {
      const fault = toFault(error);
      // Anything but a refusal may have ended the whole transaction.
      if (fault.kind !== "refused" || (!isOneOfMany && command.statements.length > 1)) throw new SqlFaultError(fault);
      if (hasSavepoint) this.#prepared("ROLLBACK TO command").run();
      if (hasSavepoint) this.#prepared("RELEASE command").run();
      return { fault };
    }
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
