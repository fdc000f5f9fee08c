import { ApplicationError, describeError, isWebhookError } from "../errors.ts";
import { checkServer } from "../postgres/import.ts";
import { inspectFile } from "../sqlite/export.ts";
import { type Arguments, UsageError } from "./main-arguments.ts";
import type { Command, Output } from "./main-command.ts";
import { moveDatabase } from "./move-database.ts";
import { progressTo } from "./move-progress.ts";
import { describeFound, describeOutcome, indented, isAllMoved, type MoveReport } from "./move-report.ts";
import { type MoveTarget, readTarget } from "./move-target.ts";

const urlVariable = "HOOKWRIGHT_POSTGRES_URL";

/** `hookwright move`: from SQLite to PostgreSQL, without losing a job. */
export const command: Command = {
  summary: "move everything from a SQLite file to PostgreSQL",
  usage: "move --from <file> --to <url> [--schema <name>] [--dry-run] [--json]",
  options: {
    from: { value: "file", help: "the SQLite file" },
    to: { value: "url", help: `the PostgreSQL database, postgres://user:password@host/database; default: $${urlVariable}` },
    schema: { value: "name", help: "schema of the tables, made if absent; default: hookwright" },
    "dry-run": { help: "only say what would be moved" },
    json: { help: "print one JSON object and nothing else" },
  },
  details:
    "Stop the workers first: a job that one of them has in its hands runs again on PostgreSQL. Whenever it is interrupted, run the same again.\n" +
    `A password in --to can be read in the list of processes; in $${urlVariable} it cannot.`,
  run,
};

async function run(given: Arguments, output: Output): Promise<void> {
  const options = readOptions(given);
  const isJson = given.flags.has("json");
  let report: MoveReport;
  try {
    report = await moveOrLook(options, isJson ? { print: () => {}, tell: () => {} } : output);
  } catch (error) {
    if (isJson) output.print(JSON.stringify({ error: { code: codeOf(error), message: describeError(error) } }));
    throw error;
  }
  output.print(isJson ? JSON.stringify(report) : describeOutcome(report));
  if (isAllMoved(report)) return;
  throw new ApplicationError(
    "store_unavailable",
    `${options.from} is not empty: something writes to it. Stop that, and run the same again.`,
  );
}

interface Options {
  readonly from: string;
  readonly target: MoveTarget;
  readonly schema: string;
  readonly dryRun: boolean;
}

async function moveOrLook({ from, target, schema, dryRun }: Options, output: Output): Promise<MoveReport> {
  const { connectionString, shown: to } = target;
  const found = inspectFile(from);
  output.print(`From ${from} to ${to}, schema ${schema}.\nFound:\n${indented(describeFound(found))}`);
  if (dryRun) await checkServer({ connectionString, schema });
  const result = dryRun ? {} : await moveDatabase({ file: from, connectionString, schema, onStep: progressTo(output) });
  return { dryRun, from, to, schema, found, ...result };
}

function readOptions({ values, flags }: Arguments): Options {
  const { from, to, schema = "hookwright" } = values;
  const connectionString = to ?? process.env[urlVariable] ?? "";
  if (from === undefined) throw new UsageError("--from <file> is missing.");
  if (connectionString === "") throw new UsageError(`--to <url> is missing, and $${urlVariable} is not set.`);
  const target = readTarget(connectionString, to === undefined ? `$${urlVariable}` : "--to");
  return { from, target, schema, dryRun: flags.has("dry-run") };
}

function codeOf(error: unknown): string {
  return isWebhookError(error) ? error.code : "failed";
}
