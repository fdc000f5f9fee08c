import { bodies } from "../payloads.ts";
import { withTemporaryDirectory } from "../temporary-directory.ts";
import { printAims } from "./aims.ts";
import { available, findEngines, reportDurability, reportMissingPeers } from "./engines.ts";
import { printFigures } from "./figures.ts";
import { jobByJob } from "./job-by-job.ts";
import { withPrivateServers } from "./private-servers.ts";
import { type QueuePlan, runRounds, senders } from "./rounds.ts";
import { engines as allEngines, type Engine, variants } from "./variants.ts";

/** What to run. */
export interface QueueBenchOptions {
  readonly isQuick: boolean;
  readonly engines: readonly Engine[];
  /** On servers of its own, which confirm nothing before it is on the disk. */
  readonly isPrivate: boolean;
  /** On such servers, whose every wait for the disk takes 2 ms longer. */
  readonly isDiskSlow: boolean;
}

/** The engines beside what a user would pick instead. */
export function queue(options: QueueBenchOptions): Promise<void> {
  const { engines: asked, isQuick, isPrivate, isDiskSlow } = options;
  return withTemporaryDirectory(async (directory) => {
    if (isPrivate || isDiskSlow) {
      await withPrivateServers({ asked, directory, isDiskSlow }, (found, environment) => compare(found, { isQuick, environment }));
      return;
    }
    await compare(await findEngines(asked, directory), { isQuick });
    if (asked.includes("sqlite")) await jobByJob(isQuick ? 2 : 5);
  });
}

/** Reads names with commas between; without any, all engines. */
export function readEngines(text: string | undefined): readonly Engine[] {
  if (text === undefined) return allEngines;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !allEngines.some((engine) => engine === name));
  if (unknown.length > 0) throw new Error(`Unknown engine: ${unknown.join(", ")}. Known are ${allEngines.join(", ")}.`);
  return allEngines.filter((engine) => names.includes(engine));
}

type CompareOptions = Pick<QueueBenchOptions, "isQuick"> & Pick<QueuePlan, "environment">;

async function compare(engines: ReadonlyMap<Engine, string>, { isQuick, environment }: CompareOptions): Promise<void> {
  reportMissingPeers(engines);
  await reportDurability(engines);
  const amount = isQuick ? { rounds: 3, milliseconds: 500, jobs: 2_000 } : { rounds: 5, milliseconds: 1_000, jobs: 3_000 };
  console.log(`Here ${amount.rounds} rounds; slices of ${amount.milliseconds} ms, or of ${amount.jobs} jobs.`);
  const urls = Object.fromEntries(engines) as QueuePlan["urls"];
  const run = async (phase: QueuePlan["phase"], title: string) => {
    const there = available(variants[phase], engines);
    const slices = await runRounds({ phase, variants: there, urls, ...amount, ...(environment ? { environment } : {}) });
    printFigures(title, there, slices);
    return slices;
  };
  const { length } = bodies.large;
  const accept = await run("accept", `Accept: jobs of ${length} bytes made durable, ${senders} senders at once`);
  const consume = await run("consume", `Consume: ${amount.jobs} jobs of ${length} bytes claimed, parsed and acknowledged`);
  printAims({ accept, consume });
}
