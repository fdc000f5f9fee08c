/** What a parameter or a column can hold. */
export type SqlValue = null | number | string | Uint8Array;

/** One row, by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * One statement of a command. Statements are prepared once and cached by their text, so the text is constant and every
 * value is a parameter; lists go in as JSON.
 */
export interface SqlStatement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
  /** Which part of the result the caller wants: the rows, the number of rows changed, or neither. */
  readonly get: "none" | "rows" | "changes";
}

/** Statements that happen all or not at all. */
export interface SqlCommand {
  readonly statements: readonly SqlStatement[];
  /** Whether it must survive a power cut (and not only a crash of the process) before it counts as done. */
  readonly durable: boolean;
  /** Whether it may work on very many rows: then it never runs on the thread of its caller. */
  readonly isLong?: boolean;
}

/** What one statement gave; the member that was not asked for is empty. */
export interface SqlResult {
  readonly rows: readonly SqlRow[];
  readonly changes: number;
}

/** What became of one command of a batch. */
export type SqlOutcome = { readonly results: readonly SqlResult[] } | { readonly fault: SqlFault };

/** Why a command failed, as plain data, because errors lose their members on the way between threads. */
export interface SqlFault {
  readonly kind:
    | "newer" // the file was written by a newer version of Hookwright
    | "foreign" // the file is no database of Hookwright's
    | "unopenable" // no such directory, or no permission
    | "busy" // another process held the write lock for too long
    | "refused" // this command alone: a constraint, a value out of range
    | "broken"; // disk full, input/output error, or the thread died
  readonly message: string;
}
