import { type Figure, format, ratioOf } from "./figures.ts";
import type { Slices } from "./rounds.ts";
import type { Phase } from "./variants.ts";

/** What Hookwright wants to reach: a ratio of at least, or of at most. */
interface Aim {
  readonly phase: Phase;
  readonly name: string;
  readonly baseline: string;
  readonly figure: Figure;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const aims: readonly Aim[] = [
  { phase: "accept", name: "sqlite", baseline: "bullmq", figure: "rate", atLeast: 1.3 },
  { phase: "accept", name: "sqlite", baseline: "pg-boss", figure: "rate", atLeast: 4 },
  { phase: "accept", name: "postgres", baseline: "pg-boss", figure: "rate", atLeast: 2.5 },
  { phase: "accept", name: "postgres", baseline: "graphile-worker", figure: "rate", atLeast: 3 },
  { phase: "consume", name: "postgres, 10 at once", baseline: "graphile-worker, local queue", figure: "rate", atLeast: 1 },
  { phase: "accept", name: "redis", baseline: "bullmq", figure: "cpu", atMost: 1.25 },
  { phase: "consume", name: "redis, 10 at once", baseline: "bullmq, 10 at once", figure: "cpu", atMost: 1.25 },
  { phase: "accept", name: "rabbitmq", baseline: "rabbitmq-client", figure: "cpu", atMost: 1.25 },
  { phase: "consume", name: "rabbitmq, 10 at once", baseline: "rabbitmq-client, prefetch 100", figure: "cpu", atMost: 1.25 },
];

/** Prints which aims were met, of those whose variants were measured. */
export function printAims(results: Readonly<Record<Phase, Slices>>): void {
  const rows = aims.flatMap(({ phase, name, baseline, figure, atLeast, atMost }) => {
    const ratio = ratioOf(results[phase], figure, name, baseline);
    if (!ratio) return [];
    const isMet = ratio.middle >= (atLeast ?? 0) && ratio.middle <= (atMost ?? Number.POSITIVE_INFINITY);
    const aim = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
    return [{ phase, variant: name, against: baseline, figure, aim, found: format(ratio), met: isMet ? "yes" : "no" }];
  });
  console.log("\nAims");
  console.table(rows);
}
