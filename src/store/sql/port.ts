import type { Statement, Values } from "./statement.ts";

/** A statement and what to run it with. Without `given` it runs once; with an empty list not at all. */
export interface Step {
  readonly statement: Statement;
  readonly given?: readonly Values[];
  readonly settings?: Values;
}

/** One row of a result, by column name. Integers may come as text. */
export type Row = Readonly<Record<string, unknown>>;

/** What a step gave, all its rows together; the member that was not asked for is empty. */
export interface StepResult {
  readonly rows: readonly Row[];
  readonly changes: number;
}

/** All that the store needs of an engine. */
export interface SqlPort {
  /**
   * Runs steps in one transaction. Unless it is `durable`, a power cut may undo it.
   *
   * @throws ConfigurationError `closed`, and whatever else keeps the database from being opened.
   * @throws ApplicationError `store_unavailable` where the database failed.
   */
  run(steps: readonly Step[], options: { readonly durable: boolean }): Promise<readonly StepResult[]>;
  /** Waits for what is under way, and lets go of the database. */
  close(): Promise<void>;
}

/** The value of a column of bytes. Node 22 reads some empty ones as NULL. */
export function readBytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
