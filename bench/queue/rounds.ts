import { type ChildProcess, fork } from "node:child_process";
import { answerOf, stop } from "../child.ts";
import { rotate } from "../measure.ts";
import type { Order, Slice } from "./variant-process.ts";
import type { Engine, Phase, Variant } from "./variants.ts";

/** What to measure. */
export interface QueuePlan {
  readonly phase: Phase;
  readonly variants: readonly Variant[];
  /** Where the engines are. */
  readonly urls: Readonly<Record<Engine, string>>;
  readonly rounds: number;
  /** Length of a slice of accepting. */
  readonly milliseconds: number;
  /** Jobs in a slice of consuming. */
  readonly jobs: number;
  /** Environment of the process of an engine's variants. */
  readonly environment?: (engine: Engine) => NodeJS.ProcessEnv;
}

/** The slices of each variant, round by round. */
export type Slices = ReadonlyMap<string, readonly Slice[]>;

/** Jobs on their way to the queue at once. */
export const senders = 64;

/** Rounds that are not counted: a process that has just started runs code that has not been compiled yet. */
const warmUps = 2;

/** Runs every variant in turn, round after round in changing order, so that a slow minute of the machine hits all alike. */
export async function runRounds(plan: QueuePlan): Promise<Slices> {
  const processes = new Map<string, VariantProcess>();
  const slices = new Map<string, Slice[]>(plan.variants.map(({ name }) => [name, []]));
  try {
    for (const [index, variant] of plan.variants.entries()) {
      const started = new VariantProcess(plan, variant, index);
      processes.set(variant.name, started);
      await started.isReady();
    }
    for (let round = -warmUps; round < plan.rounds; round++) {
      for (const { name, mostJobs = plan.jobs } of rotate(plan.variants, round)) {
        const slice = await processes.get(name)?.slice({ ...plan, jobs: Math.min(mostJobs, plan.jobs) });
        if (slice && round >= 0) slices.get(name)?.push(slice);
      }
    }
    return slices;
  } finally {
    await Promise.all([...processes.values()].map((each) => each.stop()));
  }
}

class VariantProcess {
  readonly #child: ChildProcess;
  readonly #name: string;

  constructor({ phase, urls, environment }: QueuePlan, { name, engine }: Variant, index: number) {
    this.#name = name;
    this.#child = fork(
      new URL("./variant-process.ts", import.meta.url),
      [phase, name, urls[engine], `hookwright_bench_${process.pid}_${phase}_${index}`],
      { execArgv: ["--disable-warning=ExperimentalWarning"], env: environment?.(engine) ?? process.env },
    );
  }

  async isReady(): Promise<void> {
    await answerOf(this.#child, this.#name);
  }

  /** Leaves nothing behind for the others' slices. */
  async slice({ phase, milliseconds, jobs }: QueuePlan): Promise<Slice | undefined> {
    if (phase === "consume") await this.#ask({ do: "fill", jobs });
    const slice = await this.#ask(phase === "accept" ? { do: "accept", milliseconds, senders } : { do: "consume", jobs });
    await this.#ask({ do: "clear" });
    return slice;
  }

  stop(): Promise<void> {
    return stop(this.#child);
  }

  async #ask(order: Order): Promise<Slice | undefined> {
    this.#child.send(order);
    return (await answerOf<{ readonly slice?: Slice }>(this.#child, this.#name)).slice;
  }
}
