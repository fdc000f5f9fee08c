// Sends a job with a large body, and stops where it is told: before the job is in the queue, or after it was acknowledged.
import { withStoredBodies } from "../../src/pipeline/stored-bodies.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { sqliteStore } from "../../src/store/drivers/sqlite.ts";
import type { Store } from "../../src/store/store.ts";
import { controllableClock } from "../../src/testing/clock.ts";
import { narrowQueue } from "../queue/narrow-queue.ts";
import { newJob } from "../store/values.ts";

const [file = "", place = "", keepMs = ""] = process.argv.slice(2);
const stop = (): Promise<never> => {
  console.log("stopped");
  return new Promise(() => setInterval(() => {}, 1_000));
};
const clock = controllableClock();
const real = sqliteStore({ file });
const bodies = place === "sent" ? { ...real.bodies, remove: stop } : real.bodies;
const store = Object.create(real, { bodies: { value: bodies }, isDurable: { value: true } }) as Store;
const engine = narrowQueue({ clock, largestJobBytes: 1_000, deadLetters: true });
const queue = withStoredBodies(place === "sent" ? engine : ({ ...engine, send: stop } as Queue), async () => store, {
  clock,
  keepMs: Number(keepMs),
});
await queue.send(newJob("lost", { body: Buffer.alloc(2_000) }));
const { jobs } = await queue.claim({ limit: 1, leaseMs: 60_000 });
await queue.claim({ limit: 0, leaseMs: 1, settle: jobs.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" })) });
