import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
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

/** Longest slice: a queue that loses a job would have us wait for ever. */
const patienceMs = 60_000;

/** Rounds that are not counted: a process that has just started runs code that has not been compiled yet. */
const warmUps = 2;

/** Runs every variant in turn, round after round in changing order, so that a slow minute of the machine hits all alike. */
export async function runRounds(plan: QueuePlan): Promise<Slices> {
  const processes = new Map<string, VariantProcess>();
  const slices = new Map<string, Slice[]>(plan.variants.map(({ name }) => [name, []]));
  try {
    for (const [index, variant] of plan.variants.entries()) processes.set(variant.name, await VariantProcess.start(plan, variant, index));
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

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
  }

  static async start({ phase, urls, environment }: QueuePlan, { name, engine }: Variant, index: number): Promise<VariantProcess> {
    const child = fork(
      new URL("./variant-process.ts", import.meta.url),
      [phase, name, urls[engine], `hookwright_bench_${process.pid}_${phase}_${index}`],
      { execArgv: ["--disable-warning=ExperimentalWarning"], env: environment?.(engine) ?? process.env },
    );
    const started = new VariantProcess(child, name);
    await started.#answer();
    return started;
  }

  /** Leaves nothing behind for the others' slices. */
  async slice({ phase, milliseconds, jobs }: QueuePlan): Promise<Slice | undefined> {
    if (phase === "consume") await this.#ask({ do: "fill", jobs });
    const slice = await this.#ask(phase === "accept" ? { do: "accept", milliseconds, senders } : { do: "consume", jobs });
    await this.#ask({ do: "clear" });
    return slice;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.send("stop");
    await ended;
  }

  async #ask(order: Order): Promise<Slice | undefined> {
    const answer = this.#answer();
    this.#child.send(order);
    return (await answer).slice;
  }

  #answer(): Promise<{ readonly slice?: Slice }> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`The process of ${this.#name} ended with ${code}.`));
      const timer = setTimeout(() => reject(new Error(`${this.#name} did not answer within ${patienceMs} ms.`)), patienceMs);
      this.#child.once("exit", onExit);
      this.#child.once("message", (answer: { readonly slice?: Slice }) => {
        clearTimeout(timer);
        this.#child.off("exit", onExit);
        resolve(answer);
      });
    });
  }
}

function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const start = ((by % list.length) + list.length) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
