import type { FileContents } from "../sqlite/export.ts";
import type { MoveCounts, MoveResult } from "./move-database.ts";

/** What is told of a move. With `--json` it is all that is printed. */
export interface MoveReport extends Partial<MoveResult> {
  readonly dryRun: boolean;
  readonly from: string;
  /** Server and database, without user and password. */
  readonly to: string;
  readonly schema: string;
  readonly found: FileContents;
}

/** What a file holds, as text. */
export function describeFound(found: FileContents): string {
  const dead = found.deadJobs > 0 ? ` (${found.deadJobs} of them dead letters)` : "";
  return describeCounts(found).replace(/^jobs: \d+$/m, (line) => `${line}${dead}`) || "nothing";
}

/** What has been done, and what to do next. */
export function describeOutcome(report: MoveReport): string {
  const { dryRun, from, schema, moved, alreadyThere, left, finishedEarlier } = report;
  if (dryRun) return "Nothing was changed. Stop the workers, and run it without --dry-run.";
  const paragraphs = [
    ...(finishedEarlier
      ? ["A move that had been interrupted was brought to its end: what it had copied has been deleted from the file."]
      : []),
    `Moved:\n${indented((moved && describeCounts(moved)) || "nothing")}`,
    ...section("Already in PostgreSQL, and left as it was there:", alreadyThere),
    ...section("Still in the file, because something writes to it (stop that, and run the same again):", left),
  ];
  const database = schema === "hookwright" ? "" : `, schema ${schema}`;
  const next = `Next: give your processes the PostgreSQL database${database}, and start them. Keep ${from} until they run; then it can be deleted.`;
  return [...paragraphs, ...(isAllMoved(report) ? [next] : [])].join("\n");
}

/** Whether nothing is left in the file. */
export function isAllMoved({ left }: MoveReport): boolean {
  return left === undefined || describeCounts(left) === "";
}

/** Lines, set in. */
export function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}

function section(title: string, counts: MoveCounts | undefined): readonly string[] {
  const text = counts ? describeCounts(counts) : "";
  return text === "" ? [] : [`${title}\n${indented(text)}`];
}

const names = {
  jobs: "jobs",
  deliveries: "remembered deliveries",
  outbox: "jobs in the outbox",
  bodies: "large bodies",
  deadLetters: "dead letters of other queues",
} as const satisfies Record<keyof MoveCounts, string>;

function describeCounts(counts: MoveCounts): string {
  const tables = Object.keys(names) as readonly (keyof MoveCounts)[];
  return tables
    .filter((table) => counts[table] > 0)
    .map((table) => `${names[table]}: ${counts[table]}`)
    .join("\n");
}
