import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "@jest/globals";
import type { Fault, Point } from "./points.ts";
import { Trial, type TrialOptions } from "./trial.ts";

/** A trial's part that its engine decides; undefined where the machine has not what it takes. */
export type PrepareTrial = (directory: string) => Promise<Omit<TrialOptions, "directory" | "applications">>;

/** How a trial is run. */
export interface GridOptions {
  readonly applications: number;
  readonly prepare: PrepareTrial;
}

/** A trial in a directory of its own, from the first of its tests to the last. */
export function useTrial({ applications, prepare }: GridOptions): () => Trial {
  let directory: string;
  let trial: Trial | undefined;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "hookwright-faults-"));
    trial = new Trial({ ...(await prepare(directory)), directory, applications });
    await trial.start();
  }, 60_000);
  afterAll(async () => {
    await trial?.end();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);
  return () => {
    if (!trial) throw new Error("The trial did not start.");
    return trial;
  };
}

/** One fault at every point, one after the other on the same database. */
export function describeFault(fault: Fault, points: readonly Point[], options: GridOptions): void {
  describe(fault, () => {
    const trial = useTrial(options);
    for (const point of points) it(`changes nothing at "${point}"`, () => trial().run(fault, point), 90_000);
  });
}
