import type { Kysely, RawBuilder } from "kysely";
import type { Value } from "./statement.ts";
import type { Tables } from "./tables.ts";

/** What a column of given rows holds. An absent value of bytes is the empty one; the others may be null. */
export type Kind = "text" | "integer" | "bytes";

/** How the transaction of a statement commits: it waits for the disk, it does not, or the statement changes nothing or leaves that to others. */
export type Commit = "durable" | "quick" | "none";

/** The rows that a statement works on. */
export type GivenColumns = Readonly<Record<string, Kind>>;

/** One given row, as a query sees it. */
export type GivenRow<Columns extends GivenColumns> = {
  readonly [Name in keyof Columns]: Columns[Name] extends "text" ? string : Columns[Name] extends "integer" ? number : Uint8Array;
};

/** What differs between the databases as far as a query has to know. */
export interface Dialect {
  /** Builds queries. It is never asked to run one. */
  readonly queries: Kysely<Tables>;
  /** The database's time, in milliseconds. */
  readonly now: RawBuilder<number>;
  /**
   * Whether transactions run side by side. Then a statement may decide by a state that is older than the rows that it writes, two may
   * wait for each other unless they take rows in one order, and it pays to run a group of calls as one.
   */
  readonly isConcurrent: boolean;
  /** Rows given at each run, as a table. */
  given<Columns extends GivenColumns>(columns: Columns, commit: Commit): RawBuilder<GivenRow<Columns>>;
  /** Whether a row is one of those given, by its columns of these names. */
  among(columns: GivenColumns, commit: Commit): RawBuilder<boolean>;
  /** A value given at each run. */
  setting<T extends Value>(name: string, kind: Kind): RawBuilder<T>;
}
