import { isConflict, type PostgresDatabase, type PostgresResult, type PostgresTransaction } from "../../postgres/index.ts";
import type { SqlPort, Step, StepResult } from "./port.ts";

/** PostgreSQL: a statement is run once for all given rows; one step needs no more than one trip to the server. */
export function postgresPort(database: PostgresDatabase): SqlPort {
  return {
    run: (steps) =>
      despiteConflicts(async () => {
        const [first] = steps;
        if (first && steps.length === 1) return [await runStep(database, first)];
        return await database.transaction((client) => runSteps(client, steps));
      }),
    close: () => database.close(),
  };
}

const mostTries = 3;

/** Runs a transaction, and again where it and others got in each other's way: then the server has undone it, and it may pass. */
export async function despiteConflicts<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === mostTries || !isConflict(error)) throw error;
    }
  }
}

/** Runs steps one after the other. */
export async function runSteps(client: PostgresTransaction, steps: readonly Step[]): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) results.push(await runStep(client, step));
  return results;
}

/** Whether the transaction waits for the disk is in the text of the statements: see `Dialect.given`. */
async function runStep(client: Pick<PostgresTransaction, "query">, { statement, given, settings = {} }: Step): Promise<StepResult> {
  if (given?.length === 0) return nothing;
  const values = statement.bind({ given: given ?? [], settings });
  return readResult(await client.query(statement.sql, [...values], { prepared: true }));
}

const nothing: StepResult = { rows: [], changes: 0 };

function readResult({ rows, rowCount }: PostgresResult): StepResult {
  return { rows, changes: rowCount ?? 0 };
}
