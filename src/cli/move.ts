import { describeError, isWebhookError } from "../errors.ts";
import { checkServer } from "../postgres/import.ts";
import { inspectFile } from "../sqlite/export.ts";
import { type Arguments, UsageError } from "./main-arguments.ts";
import type { Command, Output } from "./main-command.ts";
import { type MoveStep, moveDatabase } from "./move-database.ts";
import { describeFound, describeOutcome, describeTarget, indented, type MoveReport } from "./move-report.ts";

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
  const { from, connectionString, url, schema } = readOptions(given);
  const isJson = given.flags.has("json");
  const dryRun = given.flags.has("dry-run");
  try {
    const found = inspectFile(from);
    const to = describeTarget(url);
    if (!isJson) output.print(`From ${from} to ${to}, schema ${schema}.\nFound:\n${indented(describeFound(found))}`);
    const onStep = isJson ? () => {} : progressTo(output);
    if (dryRun) await checkServer(connectionString);
    const result = dryRun ? {} : await moveDatabase({ file: from, connectionString, schema, onStep });
    const report: MoveReport = { dryRun, from, to, schema, found, ...result };
    output.print(isJson ? JSON.stringify(report) : describeOutcome(report));
  } catch (error) {
    if (isJson) output.print(JSON.stringify({ error: { code: codeOf(error), message: describeError(error) } }));
    throw error;
  }
}

function readOptions({ values }: Arguments) {
  const { from, to: connectionString = process.env[urlVariable] ?? "", schema = "hookwright" } = values;
  if (from === undefined) throw new UsageError("--from <file> is missing.");
  if (connectionString === "") throw new UsageError(`--to <url> is missing, and $${urlVariable} is not set.`);
  const url = URL.parse(connectionString);
  if (url?.protocol !== "postgres:" && url?.protocol !== "postgresql:") {
    throw new UsageError(
      "--to: expected postgres://user:password@host/database. Characters such as # and / in the password are written as %23 and %2F.",
    );
  }
  return { from, connectionString, url, schema };
}

const progressPauseMs = 2_000;

/** Tells how far it is, now and then. */
function progressTo(output: Output): (step: MoveStep) => void {
  let last = performance.now();
  return (step) => {
    if (step.name !== "copying" || performance.now() - last < progressPauseMs) return;
    last = performance.now();
    output.tell(`… ${step.table}: ${step.done} of ${step.total}`);
  };
}

function codeOf(error: unknown): string {
  return isWebhookError(error) ? error.code : "failed";
}
