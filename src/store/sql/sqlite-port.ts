import type { SqlResult, SqlStatement, SqlValue, TimedDatabase } from "../../sqlite/index.ts";
import type { SqlPort, Step, StepResult } from "./port.ts";
import type { Values } from "./statement.ts";

/** SQLite: a statement is run once for each given row; the engine groups the transactions of calls that come together. */
export function sqlitePort(timed: TimedDatabase): SqlPort {
  return {
    run: (steps, { durable }) =>
      timed.use(async (time) => {
        const settings = { now: time.now() };
        const [only] = steps;
        if (only && steps.length === 1) {
          return [mergeResults(only, await timed.database.execute({ statements: sqliteStatements(only, settings), durable }))];
        }
        const statements = steps.map((step) => sqliteStatements(step, settings));
        const results = await timed.database.execute({ statements: statements.flat(), durable });
        const ends = endsOf(statements.map(({ length }) => length));
        return steps.map((step, index) => mergeResults(step, results.slice(ends[index - 1] ?? 0, ends[index])));
      }),
    close: () => timed.close(),
  };
}

/** A step as statements of the engine. */
export function sqliteStatements({ statement, given = once, settings }: Step, shared: Values): readonly SqlStatement[] {
  const all = settings ? { ...shared, ...settings } : shared;
  const { sql } = statement;
  const get = statement.get === "touched" ? "changes" : statement.get;
  // In SQLite no parameter is a column of rows.
  return given.map((row) => ({ sql, params: statement.bind({ given: [row], settings: all }) as readonly SqlValue[], get }));
}

const once: readonly Values[] = [{}];

function endsOf(lengths: readonly number[]): readonly number[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return end;
  });
}

function mergeResults({ statement, given = once }: Step, results: readonly SqlResult[]): StepResult {
  // SQLite could return them, at the price of a table for each statement.
  if (statement.get === "touched") return { rows: given.filter((_, index) => results[index]?.changes !== 0), changes: 0 };
  const [first] = results;
  if (first && results.length === 1) return first;
  return { rows: results.flatMap(({ rows }) => rows), changes: results.reduce((sum, { changes }) => sum + changes, 0) };
}
