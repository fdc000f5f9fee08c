import type { JobOrdering, NewJob } from "../../job.ts";
import { fromColumn, toColumn } from "../../postgres/text.ts";
import type { Row } from "./port.ts";
import { readBytes } from "./port.ts";
import type { Values } from "./statement.ts";

/** Columns of a whole job. */
export const jobColumns = {
  id: "text",
  handler: "text",
  head: "text",
  body: "bytes",
  due_at: "integer",
  job_group: "text",
  ordering_key: "text",
  after_dead: "text",
} as const;

/** Their names. */
export const jobColumnNames = Object.keys(jobColumns) as readonly (keyof typeof jobColumns)[];

/** A job as a row to be stored. */
export function jobValues({ id, handler, head, body, dueAt, group = "", ordering }: NewJob): Values {
  return {
    id: toColumn(id),
    handler: toColumn(handler),
    head: toColumn(head),
    body,
    due_at: dueAt?.getTime() ?? null,
    job_group: toColumn(group),
    ordering_key: ordering ? toColumn(ordering.key) : null,
    after_dead: ordering?.afterDead ?? null,
  };
}

/** A job as it was given, the empty group left out. */
export function readJob(row: Row): NewJob {
  const group = readText(row["job_group"]);
  const ordering = readOrdering(row);
  return {
    id: readId(row),
    handler: readText(row["handler"]),
    head: readText(row["head"]),
    body: readBytes(row["body"]),
    ...(row["due_at"] === null ? {} : { dueAt: new Date(Number(row["due_at"])) }),
    ...(group === "" ? {} : { group }),
    ...(ordering ? { ordering } : {}),
  };
}

/** The id of a row. */
export function readId(row: Row): string {
  return readText(row["id"]);
}

/** Text that was stored by {@link toColumn}, which writes what a text column cannot hold in another way, so that it can hold any. */
export function readText(value: unknown): string {
  return fromColumn(String(value ?? ""));
}

/** Orders rows as they were stored; an engine returns them in any order. */
export function bySequence(one: Row, other: Row): number {
  return Number(one["seq"]) - Number(other["seq"]);
}

function readOrdering(row: Row): JobOrdering | undefined {
  const afterDead = row["after_dead"];
  if (afterDead !== "continue" && afterDead !== "wait") return undefined;
  return { key: readText(row["ordering_key"]), afterDead };
}
