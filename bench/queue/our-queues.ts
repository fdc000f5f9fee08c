import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { silentLogger } from "../../src/logger.ts";
import { natsQueue } from "../../src/queue/drivers/nats.ts";
import { postgresQueue } from "../../src/queue/drivers/postgres.ts";
import { rabbitmqQueue } from "../../src/queue/drivers/rabbitmq.ts";
import { redisQueue } from "../../src/queue/drivers/redis.ts";
import { sqliteQueue } from "../../src/queue/drivers/sqlite.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { createWorker } from "../../src/queue/worker.ts";
import { type BenchJob, type Contender, chunks, type OnJob, type OpenContender, type Place } from "./contender.ts";
import { removeKeys } from "./redis-keys.ts";
import { dropSchema, truncate } from "./schema.ts";
import { purgeStreams, removeStreams } from "./streams.ts";
import { purgeQueue, removeQueues } from "./work-queues.ts";

/** Hookwright on an engine, with a worker that runs so many jobs at once. */
export type OpenOurs = (concurrency: number) => OpenContender;

/** How an engine's leftovers are deleted. */
interface Leftovers {
  clear?(): Promise<void>;
  remove?(): Promise<void>;
}

/** Hookwright's queue on each engine. */
export const ourQueues = {
  sqlite: ours(({ url, name }) => sqliteQueue({ file: join(url, `${name}.db`) })),
  postgres: ours(
    ({ url, name }) => postgresQueue({ connection: url, schema: name }),
    (place) => ({ clear: () => truncate(place, ["jobs", "job_contents"]), remove: () => dropSchema(place) }),
  ),
  redis: ours(
    ({ url, name }) => redisQueue({ connection: url, name }),
    (place) => ({ clear: () => removeKeys(place, { except: "meta" }), remove: () => removeKeys(place) }),
  ),
  rabbitmq: ours(
    ({ url, name }) => rabbitmqQueue({ connection: url, name }),
    (place) => ({ clear: () => purgeQueue(place), remove: () => removeQueues(place) }),
  ),
  nats: ours(
    ({ url, name }) => natsQueue({ connection: url, name }),
    (place) => ({ clear: () => purgeStreams(place), remove: () => removeStreams(place) }),
  ),
} satisfies Record<string, OpenOurs>;

function ours(open: (place: Place) => Queue, leftovers: (place: Place) => Leftovers = () => ({})): OpenOurs {
  return (concurrency) => async (place) => new OurContender(open(place), concurrency, leftovers(place));
}

class OurContender implements Contender {
  readonly #queue: Queue;
  readonly #concurrency: number;
  readonly #leftovers: Leftovers;

  constructor(queue: Queue, concurrency: number, leftovers: Leftovers) {
    this.#queue = queue;
    this.#concurrency = concurrency;
    this.#leftovers = leftovers;
  }

  send({ head, body }: BenchJob): Promise<void> {
    return this.#queue.send({ id: crypto.randomUUID(), handler: "work", head, body });
  }

  async fill(jobs: readonly BenchJob[]): Promise<void> {
    for (const chunk of chunks(jobs, 500)) await Promise.all(chunk.map((job) => this.send(job)));
  }

  async consume(onJob: OnJob): Promise<() => Promise<void>> {
    const worker = createWorker({
      queue: this.#queue,
      clock: systemClock,
      logger: silentLogger,
      concurrency: this.#concurrency,
      process: async ({ body }) => onJob(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8")),
    });
    worker.start();
    return async () => void (await worker.close({ graceMs: 10_000 }));
  }

  async clear(): Promise<void> {
    if (this.#leftovers.clear) await this.#leftovers.clear();
    else await this.#drain();
  }

  async remove(): Promise<void> {
    await this.#queue.close();
    await this.#leftovers.remove?.();
  }

  async #drain(): Promise<void> {
    let settle: Parameters<Queue["claim"]>[0]["settle"] = [];
    do {
      const { jobs } = await this.#queue.claim({ limit: 500, leaseMs: 60_000, settle });
      settle = jobs.map(({ id, lease }) => ({ id, lease, outcome: "acknowledge" }) as const);
    } while (settle.length > 0);
  }
}
