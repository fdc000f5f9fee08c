import type { Compilable, RawBuilder } from "kysely";
import { sql } from "kysely";

/** What a parameter can be. An array is a column of rows, where the dialect takes many rows at once. */
export type Value = null | number | string | Uint8Array;

/** Values by name. */
export type Values = Readonly<Record<string, Value>>;

/** What a statement is run with: the rows that it works on, and values that hold for all of them. */
export interface Input {
  readonly given: readonly Values[];
  readonly settings: Values;
}

/** A place in a statement whose value is known only when it is run. */
class Parameter {
  readonly read: (input: Input) => Value | readonly Value[];

  constructor(read: (input: Input) => Value | readonly Value[]) {
    this.read = read;
  }
}

/** A parameter by how it is read. */
export function parameter<T>(read: (input: Input) => Value | readonly Value[]): RawBuilder<T> {
  return sql<T>`${new Parameter(read)}`;
}

/** A statement as its engine takes it, compiled once; what changes from run to run are the parameters. */
export interface Statement {
  readonly sql: string;
  /** Which part of the result is wanted. `touched`: the columns that tell which of the given rows changed something, as rows. */
  readonly get: "none" | "rows" | "changes" | "touched";
  /** Values in the order of the places in the text. */
  bind(input: Input): readonly (Value | readonly Value[])[];
}

/**
 * Compiles a query.
 *
 * @throws TypeError if it has a value that is not a parameter: that would be the same at every run.
 */
export function compile(query: Compilable, get: Statement["get"]): Statement {
  const { sql: text, parameters } = query.compile();
  const places = parameters.map((place) => {
    if (place instanceof Parameter) return place;
    throw new TypeError(`A statement holds the value ${JSON.stringify(place)}: use a parameter, or write it into the text.`);
  });
  return { sql: text, get, bind: (input) => places.map((place) => place.read(input)) };
}
