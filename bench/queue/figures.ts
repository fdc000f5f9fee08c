import { median } from "../measure.ts";
import { round } from "../report.ts";
import type { Slices } from "./rounds.ts";
import type { Slice } from "./variant-process.ts";
import type { Variant } from "./variants.ts";

/** A figure of a slice. */
export type Figure = "rate" | "cpu";

/** The middle of the ratios of single rounds, and their lower and upper quartile. */
export interface Ratio {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

const figures: Readonly<Record<Figure, (slice: Slice) => number>> = {
  rate: ({ jobs, seconds }) => jobs / seconds,
  cpu: ({ jobs, cpuMilliseconds }) => (cpuMilliseconds / jobs) * 1_000,
};

/** How one variant did against another, each round compared with itself; undefined where one was not measured. */
export function ratioOf(slices: Slices, figure: Figure, name: string, baseline: string): Ratio | undefined {
  const own = slices.get(name) ?? [];
  const other = slices.get(baseline) ?? [];
  const ratios = own.flatMap((slice, index) => {
    const against = other[index];
    return against ? [figures[figure](slice) / figures[figure](against)] : [];
  });
  if (ratios.length === 0) return undefined;
  const sorted = ratios.sort((a, b) => a - b);
  const last = sorted.length - 1;
  return {
    middle: median(sorted),
    low: sorted[Math.floor(last * 0.25)] ?? Number.NaN,
    high: sorted[Math.ceil(last * 0.75)] ?? Number.NaN,
  };
}

/** Prints the figures of one phase. */
export function printFigures(title: string, variants: readonly Variant[], slices: Slices): void {
  console.log(
    `\n${title}\n(ratio: jobs per second, cpu ratio: CPU per job, each divided by that of the baseline; in brackets the quartiles)`,
  );
  const rows = variants.map(({ name, baseline }) => {
    const own = slices.get(name) ?? [];
    return [
      name,
      {
        "jobs/s": Math.round(median(own.map(figures.rate))),
        ratio: format(ratioOf(slices, "rate", name, baseline)),
        "cpu ms/1,000": round(median(own.map(figures.cpu))),
        "cpu ratio": format(ratioOf(slices, "cpu", name, baseline)),
        baseline,
      },
    ] as const;
  });
  console.table(Object.fromEntries(rows));
}

/** A ratio as it is printed. */
export function format(ratio: Ratio | undefined): string {
  return ratio ? `${round(ratio.middle)} (${round(ratio.low)} to ${round(ratio.high)})` : "";
}
