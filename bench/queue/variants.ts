import { bullmq } from "./bullmq.ts";
import type { OpenContender } from "./contender.ts";
import { graphileWorker } from "./graphile-worker.ts";
import { jetStream } from "./jetstream.ts";
import { ourQueues } from "./our-queues.ts";
import type { PeerPackage } from "./peer-packages.ts";
import { pgBoss } from "./pg-boss.ts";
import { plainInsert } from "./plain-insert.ts";
import { rabbitmqClient } from "./rabbitmq-client.ts";

/** An engine that is measured. */
export type Engine = keyof typeof ourQueues;

/** What is measured: from the call of `send` until it resolves, or from the first job in a handler's hands to the last. */
export type Phase = "accept" | "consume";

/** A contender in a phase. */
export interface Variant {
  readonly name: string;
  readonly engine: Engine;
  /** What its figures are divided by: another of the phase. */
  readonly baseline: string;
  readonly open: OpenContender;
  readonly peer?: PeerPackage;
  /** Most jobs in a slice, where a slice would else take half a minute. */
  readonly mostJobs?: number;
}

/** Every engine, in the order in which it is reported. */
export const engines = Object.keys(ourQueues) as readonly Engine[];

/** All variants. The baseline is what a user of the engine would pick instead; for SQLite, which has none, that of Redis. */
export const variants: Readonly<Record<Phase, readonly Variant[]>> = {
  accept: [
    { name: "sqlite", engine: "sqlite", baseline: "bullmq", open: ourQueues.sqlite(10) },
    { name: "postgres", engine: "postgres", baseline: "pg-boss", open: ourQueues.postgres(10) },
    { name: "pg, one INSERT each", engine: "postgres", baseline: "pg-boss", open: plainInsert },
    { name: "pg-boss", engine: "postgres", baseline: "pg-boss", open: pgBoss("fetch"), peer: "pg-boss" },
    { name: "graphile-worker", engine: "postgres", baseline: "pg-boss", open: graphileWorker("each"), peer: "graphile-worker" },
    { name: "redis", engine: "redis", baseline: "bullmq", open: ourQueues.redis(10) },
    { name: "bullmq", engine: "redis", baseline: "bullmq", open: bullmq(10) },
    { name: "rabbitmq", engine: "rabbitmq", baseline: "rabbitmq-client", open: ourQueues.rabbitmq(10) },
    { name: "rabbitmq-client", engine: "rabbitmq", baseline: "rabbitmq-client", open: rabbitmqClient },
    { name: "nats", engine: "nats", baseline: "jetstream", open: ourQueues.nats(10) },
    { name: "jetstream", engine: "nats", baseline: "jetstream", open: jetStream },
  ],
  consume: [
    ...oursAtOnce("sqlite", "bullmq, 10 at once"),
    ...oursAtOnce("postgres", "graphile-worker, local queue"),
    ...graphileConsumers(),
    ...pgBossConsumers(),
    ...oursAtOnce("redis", "bullmq, 10 at once"),
    ...[10, 100].map((count) => ({
      name: `bullmq, ${count} at once`,
      engine: "redis" as const,
      baseline: "bullmq, 10 at once",
      open: bullmq(count),
    })),
    ...oursAtOnce("rabbitmq", "rabbitmq-client, prefetch 100"),
    {
      name: "rabbitmq-client, prefetch 100",
      engine: "rabbitmq",
      baseline: "rabbitmq-client, prefetch 100",
      open: rabbitmqClient,
    },
    ...oursAtOnce("nats", "jetstream, 100 held"),
    { name: "jetstream, 100 held", engine: "nats", baseline: "jetstream, 100 held", open: jetStream },
  ],
};

/** Our worker with ten jobs at once, its default, and with a hundred; either holds up to a hundred. */
function oursAtOnce(engine: Engine, baseline: string): readonly Variant[] {
  return [10, 100].map((count) => ({ name: `${engine}, ${count} at once`, engine, baseline, open: ourQueues[engine](count) }));
}

function graphileConsumers(): readonly Variant[] {
  return (["each", "local queue", "local queue, batched"] as const).map((fetching) => ({
    name: fetching === "each" ? "graphile-worker" : `graphile-worker, ${fetching}`,
    engine: "postgres",
    baseline: "graphile-worker, local queue",
    open: graphileWorker(fetching),
    peer: "graphile-worker",
  }));
}

function pgBossConsumers(): readonly Variant[] {
  return (["fetch", "work"] as const).map((taking) => ({
    name: taking === "fetch" ? "pg-boss, fetch and complete" : "pg-boss, work",
    engine: "postgres",
    baseline: "graphile-worker, local queue",
    open: pgBoss(taking),
    peer: "pg-boss",
    ...(taking === "work" ? { mostJobs: 500 } : {}), // it waits half a second, its shortest interval, between two batches
  }));
}
