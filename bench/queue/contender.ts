import { bodies } from "../payloads.ts";

/** A job to queue: the same text and the same bytes for everyone. */
export interface BenchJob {
  readonly head: string;
  readonly body: Buffer;
}

/** Where a contender keeps its jobs. */
export interface Place {
  /** Connection string of the server; for SQLite a directory. */
  readonly url: string;
  /** A name that nobody else uses: lower-case letters, digits and underscores. */
  readonly name: string;
}

/** A way to queue jobs, as the benchmark drives it. */
export interface Contender {
  /** Stores one job: resolves when it would survive the process. */
  send(job: BenchJob): Promise<void>;
  /** Stores many, the quickest way there is; not measured. */
  fill?(jobs: readonly BenchJob[]): Promise<void>;
  /** Hands out jobs, each acknowledged after `onJob`, until the answered function is called, which waits for what is under way. */
  consume?(onJob: OnJob): Promise<() => Promise<void>>;
  /** Deletes the jobs. */
  clear(): Promise<void>;
  /** Deletes all that it stored, and closes. */
  remove(): Promise<void>;
}

/** A handler: parses the body. */
export type OnJob = (body: string) => void;

/** Opens a contender. */
export type OpenContender = (place: Place) => Promise<Contender>;

/** The job that everyone gets: a push of 7 kB, and what a receiver would note beside it. */
export const benchJob: BenchJob = {
  head: JSON.stringify({
    receiver: "github",
    events: ["push"],
    receivedAt: "2026-11-24T00:00:00.000Z",
    headers: { "x-github-event": "push" },
  }),
  body: bodies.large,
};

/** The same as JSON has it, for engines that keep no bytes. */
export function jsonOf({ head, body }: BenchJob): JsonJob {
  return { head, body: body.toString("utf8") };
}

/** A job in JSON. */
export interface JsonJob {
  readonly head: string;
  readonly body: string;
}

/** Splits a list. */
export function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
