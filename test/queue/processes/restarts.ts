import { setTimeout as delay } from "node:timers/promises";
import { expect } from "@jest/globals";
import { countDone, longLeaseMs, type ProcessHarness, wellEnded } from "./harness.ts";
import { randomFrom, seed } from "./seed.ts";

/** What becomes of jobs and processes when the server goes away and comes again. */
export function describeRestarts(harness: ProcessHarness, restarts: number): void {
  const restartUnderLoad = async () => {
    const senders = ["a", "b"].map((prefix) => harness.startSender(prefix, { pauseMs: 20, retries: true }));
    const workers = ["a", "b"].map(() => harness.startWorker({ concurrency: 5, leaseMs: 5_000 }));
    const random = randomFrom(seed);
    for (let restart = 0; restart < restarts; restart++) {
      await harness.untilDone(workers, countDone(workers) + 200);
      await harness.server.stop(restart % 2 === 0 ? "asked" : "killed");
      await delay(random() * 300);
      await harness.server.start();
    }
    await harness.untilDone(workers, countDone(workers) + 200); // they have found the engine again
    for (const sender of senders) sender.tell("stop");
    for (const sender of senders) expect(await sender.ends()).toEqual(wellEnded);
    await harness.expectAllDone(senders, workers);
    await harness.untilEmpty(workers); // what was sent a second time, or claimed by an answer that did not arrive, comes once more
    await harness.stopWorkers(workers);
    await harness.expectEmpty();
  };
  harness.it(
    "loses nothing, and goes on by itself, when its engine is stopped, killed and started again under load",
    restartUnderLoad,
    240_000,
  );

  const closeWithoutEngine = async () => {
    const closer = harness.children.start("closer", harness.spec, { leaseMs: longLeaseMs });
    await closer.says("used");
    await harness.server.stop("killed");
    try {
      closer.tell("close");
      expect(await closer.says("left")).toEqual([["0"]]);
      closer.tell("end");
      expect(await closer.ends()).toEqual(wellEnded);
    } finally {
      await harness.server.start();
    }
  };
  harness.it("can be closed while its engine is gone", closeWithoutEngine, 120_000);
}
