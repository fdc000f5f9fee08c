import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { answerOf, stop } from "./child.ts";
import type { LoadOrder, LoadResult } from "./load-process.ts";
import { withTemporaryDirectory } from "./temporary-directory.ts";
import type { VariantName } from "./variants.ts";

/** One variant under one load, over all rounds. */
export interface Measured {
  readonly variant: VariantName;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Server CPU, all threads, for a thousand requests. */
  readonly cpuMsPerThousand: number;
  readonly failures: number;
}

/** What to measure. */
export interface Plan {
  readonly variants: readonly VariantName[];
  readonly body: LoadOrder["body"];
  readonly connections: number;
  readonly rounds: number;
  readonly milliseconds: number;
}

/** Runs every variant in turn, round after round in changing order, so that a slow minute of the machine hits all alike. */
export async function measure(plan: Plan): Promise<readonly Measured[]> {
  const samples = new Map<VariantName, Sample[]>(plan.variants.map((variant) => [variant, []]));
  await withTemporaryDirectory((directory) => takeSamples(plan, directory, samples));
  return plan.variants.map((variant) => summarise(variant, samples.get(variant) ?? []));
}

async function takeSamples(plan: Plan, directory: string, samples: ReadonlyMap<VariantName, Sample[]>): Promise<void> {
  const load = fork(new URL("./load-process.ts", import.meta.url), { execArgv: quiet });
  const servers = new Map<VariantName, ChildProcess>();
  try {
    const ports = new Map<VariantName, number>();
    for (const variant of plan.variants) {
      const server = fork(new URL("./server-process.ts", import.meta.url), [variant, join(directory, `${variant}.db`)], {
        execArgv: quiet,
      });
      servers.set(variant, server);
      ports.set(variant, (await answerOf<{ readonly port: number }>(server, variant)).port);
    }
    for (let round = -warmUps; round < plan.rounds; round++) {
      for (const variant of rotate(plan.variants, round)) {
        const [server, port] = [servers.get(variant), ports.get(variant)];
        if (!server || port === undefined) continue;
        const sample = await slice({ server, port, load }, plan);
        if (round >= 0) samples.get(variant)?.push(sample);
      }
    }
  } finally {
    load.kill();
    await Promise.all([...servers.values()].map(stop));
  }
}

/** Rounds that are not counted: a server that has just started runs code that has not been compiled yet. */
const warmUps = 3;

const quiet = ["--disable-warning=ExperimentalWarning"];

interface Sample {
  readonly result: LoadResult;
  readonly cpuMicroseconds: number;
}

interface Measuring {
  readonly server: ChildProcess;
  readonly port: number;
  readonly load: ChildProcess;
}

async function slice({ server, port, load }: Measuring, { connections, body, milliseconds }: Plan): Promise<Sample> {
  const before = await cpuOf(server);
  load.send({ port, connections, body, milliseconds } satisfies LoadOrder);
  const result = await answerOf<LoadResult>(load, "the load");
  return { result, cpuMicroseconds: (await cpuOf(server)) - before };
}

async function cpuOf(server: ChildProcess): Promise<number> {
  server.send("cpu");
  return (await answerOf<{ readonly cpuMicroseconds: number }>(server, "a server")).cpuMicroseconds;
}

function summarise(variant: VariantName, samples: readonly Sample[]): Measured {
  const latencies = samples.flatMap(({ result }) => result.latencies).sort((a, b) => a - b);
  return {
    variant,
    requestsPerSecond: median(samples.map(({ result }) => result.requests / result.seconds)),
    p50: latencies[Math.floor(latencies.length * 0.5)] ?? Number.NaN,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    cpuMsPerThousand: median(samples.map(({ result, cpuMicroseconds }) => cpuMicroseconds / result.requests)),
    failures: samples.reduce((sum, { result }) => sum + result.failures, 0),
  };
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A list from another start on. */
export function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const start = ((by % list.length) + list.length) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
