import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadOrder, LoadResult } from "./load-process.ts";
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
  const directory = mkdtempSync(join(tmpdir(), "hookwright-bench-"));
  const load = fork(new URL("./load-process.ts", import.meta.url), { execArgv: quiet });
  const servers = new Map<VariantName, { readonly child: ChildProcess; readonly port: number }>();
  try {
    for (const variant of plan.variants) servers.set(variant, await startServer(variant, join(directory, `${variant}.db`)));
    const samples = new Map<VariantName, Sample[]>(plan.variants.map((variant) => [variant, []]));
    for (let round = -warmUps; round < plan.rounds; round++) {
      for (const variant of rotate(plan.variants, round)) {
        const server = servers.get(variant);
        if (!server) continue;
        const sample = await slice(server, load, plan);
        if (round >= 0) samples.get(variant)?.push(sample);
      }
    }
    return plan.variants.map((variant) => summarise(variant, samples.get(variant) ?? []));
  } finally {
    load.kill();
    await Promise.all(
      [...servers.values()].map(async ({ child }) => {
        child.send("stop");
        await once(child, "exit");
      }),
    );
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Rounds that are not counted: a server that has just started runs code that has not been compiled yet. */
const warmUps = 3;

const quiet = ["--disable-warning=ExperimentalWarning"];

interface Sample {
  readonly result: LoadResult;
  readonly cpuMicroseconds: number;
}

async function startServer(variant: VariantName, file: string) {
  const child = fork(new URL("./server-process.ts", import.meta.url), [variant, file], { execArgv: quiet });
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`The server of ${variant} ended with ${code}.`);
  });
  const [{ port }] = (await Promise.race([once(child, "message"), failed])) as [{ port: number }];
  failed.catch(() => {}); // it ends in time, too
  return { child, port };
}

async function slice(server: { readonly child: ChildProcess; readonly port: number }, load: ChildProcess, plan: Plan): Promise<Sample> {
  const before = await cpuOf(server.child);
  load.send({ port: server.port, connections: plan.connections, body: plan.body, milliseconds: plan.milliseconds } satisfies LoadOrder);
  const [result] = (await once(load, "message")) as [LoadResult];
  return { result, cpuMicroseconds: (await cpuOf(server.child)) - before };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [{ cpuMicroseconds }] = (await once(child, "message")) as [{ cpuMicroseconds: number }];
  return cpuMicroseconds;
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

function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const start = ((by % list.length) + list.length) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
