import type { Queue } from "./queue.ts";

/** What a queue's engine can do. What it cannot, its driver says here, and whatever depends on it says so at start-up or rejects. */
export interface QueueCapabilities {
  /** Name of the engine, for messages. */
  readonly engine: string;
  /** Whether a job survives the end of this process once `send` has resolved. */
  readonly durable: boolean;
  /** Longest time until a job is due, in milliseconds; `Infinity` where there is no limit. */
  readonly longestDelayMs: number;
  /** Largest head and body of a job together, in bytes; `Infinity` where there is no limit. Larger bodies go to the store. */
  readonly largestJobBytes: number;
  /** Whether a second `send` of an id that is still stored changes nothing. */
  readonly uniqueIds: boolean;
  /** Whether jobs come strictly by due time, and then in the order in which they were sent. */
  readonly strictOrder: boolean;
  /** Whether `NewJob.ordering` is kept. */
  readonly ordering: boolean;
  /** Whether `ClaimOptions.except` is heeded. */
  readonly exceptions: boolean;
  /** Whether it keeps dead letters, so that `list`, `retry` and `purge` find them. Where not, the store keeps them. */
  readonly deadLetters: boolean;
  /** Whether `list` shows the jobs that are still to be done. */
  readonly lists: boolean;
  /** How well `list` counts them. */
  readonly counts: "exact" | "approximate" | "none";
}

/** An engine that can do everything. */
const everything: QueueCapabilities = {
  engine: "custom",
  durable: true,
  longestDelayMs: Number.POSITIVE_INFINITY,
  largestJobBytes: Number.POSITIVE_INFINITY,
  uniqueIds: true,
  strictOrder: true,
  ordering: true,
  exceptions: true,
  deadLetters: true,
  lists: true,
  counts: "exact",
};

/** What a queue can do, its own statement over the default: everything. */
export function capabilitiesOf({ capabilities }: Pick<Queue, "capabilities">): QueueCapabilities {
  return { ...everything, ...capabilities };
}
