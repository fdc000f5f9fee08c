import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, it } from "@jest/globals";
import type { AppState } from "./app.ts";
import { measureCapacity } from "./checks.ts";
import { secret, sqliteDatabase, startOn } from "./engines.ts";
import { offer, type RunningApp, stopLoad } from "./processes.ts";

afterAll(stopLoad);

/** In CI and by hand longer: what grows shows better then. */
const seconds = Number(process.env["HOOKWRIGHT_SOAK_SECONDS"] ?? 15);
const mebibyte = 1024 * 1024;
/** How much each line may rise over the second half. The heap is read after a collection; the resident set breathes with the allocator. */
const tolerances = { heap: 8, external: 32, rss: 64, file: 16, log: 64 } as const;

type Line = keyof typeof tolerances;
/** Mebibytes. */
type Sample = Readonly<Record<Line | "atSecond", number>>;

describe("a steady load of deliveries, duplicates, failures and dead letters", () => {
  it(
    "leaves memory and files as they are",
    async () => {
      const { app, database, remove } = await startOn(sqliteDatabase, { rememberMs: 60_000, purgeEveryMs: 500 });
      try {
        const { perSecond } = await measureCapacity(app, 32);
        const order = { port: app.port, secret, connections: 200, bodyBytes: 7_000, duplicates: 10, failing: 5 };
        const load = offer({ ...order, rate: perSecond / 2, milliseconds: seconds * 1_000 });
        const samples = await sampleUntilEnd(app, database.settings.database, load);
        const result = await load;
        if (process.env["HOOKWRIGHT_OVERLOAD_REPORT"]) process.stdout.write(`${result.acceptedCount} accepted\n${table(samples)}\n`);

        expect(result.other).toEqual({});
        expect(result.acceptedCount).toBeGreaterThan(result.offered * 0.9);
        for (const line of Object.keys(tolerances) as Line[]) expectFlat(line, samples);
        expect(samples.at(-1)?.log).toBeLessThan(64);
        const last = await drained(app);
        expect(last.purged).toBeGreaterThan(0);
        expect(last.failures).toBe(2 * last.purged); // two attempts each, and nothing else failed
        expect(await app.stop()).toBe(0);
      } finally {
        await remove();
      }
    },
    (seconds + 60) * 1_000,
  );
});

async function sampleUntilEnd(app: RunningApp, file: string, load: Promise<unknown>): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  load.then(end, end);
  while (!isOver) {
    await delay(Math.max(500, (seconds * 1_000) / 60));
    const { heap, external, rss } = await app.state();
    const bytes = { heap, external, rss, file: sizeOf(file), log: sizeOf(`${file}-wal`) };
    const inMebibytes = Object.fromEntries(Object.entries(bytes).map(([name, value]) => [name, value / mebibyte]));
    samples.push({ atSecond: (performance.now() - start) / 1_000, ...inMebibytes } as Sample);
  }
  return samples;
}

/** The state when no dead letter is left to be purged, and none comes any more. */
async function drained(app: RunningApp): Promise<AppState> {
  let before = await app.state();
  for (let tries = 0; tries < 20; tries++) {
    await delay(1_000);
    const now = await app.state();
    if (now.deadLetters === 0 && now.failures === before.failures && now.worked === before.worked && now.purged === before.purged)
      return now;
    before = now;
  }
  throw new Error(`It did not come to rest: ${JSON.stringify({ ...before, ids: [] })}`);
}

/** What a straight line through the second half of the samples rises by. */
function expectFlat(line: Line, samples: readonly Sample[]): void {
  const half = samples.slice(Math.floor(samples.length / 2));
  const meanAt = mean(half.map(({ atSecond }) => atSecond));
  const meanSize = mean(half.map((sample) => sample[line]));
  const covariance = mean(half.map((sample) => (sample.atSecond - meanAt) * (sample[line] - meanSize)));
  const variance = mean(half.map(({ atSecond }) => (atSecond - meanAt) ** 2));
  const rise = (covariance / variance) * ((half.at(-1)?.atSecond ?? 0) - (half[0]?.atSecond ?? 0));
  if (!(rise < tolerances[line])) throw new Error(`${line} rises by ${rise.toFixed(1)} MiB over the second half:\n${table(samples)}`);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function table(samples: readonly Sample[]): string {
  return samples
    .map((sample) =>
      Object.entries(sample)
        .map(([name, value]) => `${name} ${value.toFixed(1)}`)
        .join("  "),
    )
    .join("\n");
}
