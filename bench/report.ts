import type { Measured } from "./measure.ts";

/** Prints one table: absolute figures for orientation, ratios to the baseline for judgement. */
export function report(title: string, rows: readonly Measured[], baseline: Measured["variant"]): void {
  const base = rows.find(({ variant }) => variant === baseline);
  console.log(
    `\n${title}\n(ratio: requests per second against ${baseline}; cpu ratio: its CPU per request divided by this one's; above 1 is better)`,
  );
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        row.variant,
        {
          "req/s": Math.round(row.requestsPerSecond),
          ratio: ratio(row.requestsPerSecond, base?.requestsPerSecond),
          "p50 ms": round(row.p50),
          "p99 ms": round(row.p99),
          "cpu ms/1,000": round(row.cpuMsPerThousand),
          "cpu ratio": ratio(base?.cpuMsPerThousand, row.cpuMsPerThousand),
          failures: row.failures,
        },
      ]),
    ),
  );
}

/** Two places are as much as these measurements carry. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function ratio(a: number | undefined, b: number | undefined): number {
  return a === undefined || b === undefined ? Number.NaN : round(a / b);
}
