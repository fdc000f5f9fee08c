// A worker as an application runs it. Says what it has done; a job whose head is "hold" it finishes when it is told to.
import { systemClock } from "../../../src/clock.ts";
import { createWorker } from "../../../src/queue/worker.ts";
import { openQueue } from "../open-queue.ts";
import { childOptions, digestOf, say, sayClosed, stderrLogger, told } from "./child.ts";

/** What this script takes. */
export interface WorkerOptions {
  readonly concurrency: number;
  readonly leaseMs: number;
}

const { spec, concurrency, leaseMs } = childOptions<WorkerOptions>();
const queue = await openQueue(spec);
let finish: Promise<void> | undefined;

const worker = createWorker({
  queue,
  concurrency,
  leaseMs,
  clock: systemClock,
  logger: stderrLogger,
  pollMs: 200,
  process: async ({ id, head, body, attempt, crashes }) => {
    if (head === "hold") {
      say("holds", id);
      finish ??= told("finish");
      await finish;
    }
    say("done", id, attempt, crashes, digestOf(body));
  },
});

process.once("SIGTERM", async () => {
  const { running, buffered } = worker.status();
  say("closing", running, buffered);
  const { drained } = await worker.close({ graceMs: 20_000 });
  await queue.close();
  sayClosed(drained);
});

worker.start();
say("started");
