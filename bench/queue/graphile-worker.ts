import { type BenchJob, type Contender, chunks, type JsonJob, jsonOf, type OnJob, type OpenContender, type Place } from "./contender.ts";
import { importPeer } from "./peer-packages.ts";
import { dropSchema, truncate } from "./schema.ts";

/** What is used of the package `graphile-worker`. */
interface Module {
  readonly Logger: new (factory: () => () => void) => object;
  makeWorkerUtils(options: object): Promise<Utils>;
  run(options: object): Promise<{ stop(): Promise<void> }>;
}

interface Utils {
  migrate(): Promise<void>;
  addJob(name: string, payload: object): Promise<unknown>;
  addJobs(jobs: readonly { identifier: string; payload: object }[]): Promise<unknown>;
  release(): Promise<void>;
}

/** How graphile-worker fetches: job by job, in advance, or in advance and with completions gathered. */
export type GraphileFetching = "each" | "local queue" | "local queue, batched";

const settings: Readonly<Record<GraphileFetching, object>> = {
  each: {},
  "local queue": { localQueue: { size: 500 } },
  "local queue, batched": { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
};

/** graphile-worker with ten jobs at once. */
export function graphileWorker(fetching: GraphileFetching): OpenContender {
  return async (place) => {
    const library = await importPeer<Module>("graphile-worker");
    const shared = { connectionString: place.url, schema: place.name, maxPoolSize: 10, logger: new library.Logger(() => () => {}) };
    const utils = await library.makeWorkerUtils(shared);
    await utils.migrate();
    return new GraphileContender({ library, utils, place, options: { ...shared, preset: { worker: settings[fetching] } } });
  };
}

interface Parts {
  readonly library: Module;
  readonly utils: Utils;
  readonly place: Place;
  readonly options: object;
}

class GraphileContender implements Contender {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async send(job: BenchJob): Promise<void> {
    await this.#parts.utils.addJob("work", jsonOf(job));
  }

  async fill(jobs: readonly BenchJob[]): Promise<void> {
    for (const chunk of chunks(jobs, 500))
      await this.#parts.utils.addJobs(chunk.map((job) => ({ identifier: "work", payload: jsonOf(job) })));
  }

  async consume(onJob: OnJob): Promise<() => Promise<void>> {
    const { library, options } = this.#parts;
    const taskList = { work: ({ body }: JsonJob) => onJob(body) };
    const runner = await library.run({ ...options, concurrency: 10, noHandleSignals: true, taskList });
    return () => runner.stop();
  }

  clear(): Promise<void> {
    return truncate(this.#parts.place, ["_private_jobs"]);
  }

  async remove(): Promise<void> {
    await this.#parts.utils.release();
    await dropSchema(this.#parts.place);
  }
}
