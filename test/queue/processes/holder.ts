// Claims so many jobs and holds them, saying which; acknowledges them when it is told to, and says which of them it had lost.
import { setTimeout as delay } from "node:timers/promises";
import type { LeasedJob } from "../../../src/queue/queue.ts";
import { openQueue } from "../open-queue.ts";
import { childOptions, say, sayClosed, told } from "./child.ts";

/** What this script takes. */
export interface HolderOptions {
  readonly count: number;
  readonly leaseMs: number;
}

const { spec, count, leaseMs } = childOptions<HolderOptions>();
const queue = await openQueue(spec);
const held: LeasedJob[] = [];
while (held.length < count) {
  const { jobs } = await queue.claim({ limit: count - held.length, leaseMs });
  held.push(...jobs);
  for (const { id, attempt, crashes } of jobs) say("held", id, attempt, crashes);
  if (jobs.length === 0) await delay(20);
}
await told("acknowledge");
const settle = held.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" }) as const);
const { lost } = await queue.claim({ limit: 0, leaseMs, settle });
for (const { id } of lost) say("lost", id);
await queue.close();
sayClosed();
