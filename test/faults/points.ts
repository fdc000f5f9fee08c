/** The journey of a delivery, from its first byte to the end of its job: where a fault can strike. */
export const points = [
  "headers read",
  "body read",
  "verified",
  "handlers run",
  "before the commit",
  "after the commit",
  "answered",
  "claimed",
  "handler started",
  "effect made",
  "effect committed",
  "before the settlement",
  "after the settlement",
] as const;

/** Where a job also passes when its queue is not where its record is. */
export const outboxPoints = ["before the hand-over", "after the hand-over"] as const;

/** A place in the journey. */
export type Point = (typeof points)[number] | (typeof outboxPoints)[number];

/** What happens there. */
export type Fault = "kill" | "stop" | "clock forward" | "clock back" | "engine stopped" | "engine killed" | "disk full";

/** One fault that is to happen. */
export interface Shot {
  readonly fault: Fault;
  readonly point: Point;
  /** At which passage. */
  readonly nth: number;
}

/** What the test tells the application. */
export type Order = { readonly arm: Shot } | { readonly disarm: true } | { readonly goOn: true };

/** Times of the applications under fault, in milliseconds. */
export const times = { lease: 700, diskFull: 400 } as const;
