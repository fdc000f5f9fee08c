import { type BenchJob, type Contender, chunks, type JsonJob, jsonOf, type OnJob, type OpenContender, type Place } from "./contender.ts";
import { importPeer } from "./peer-packages.ts";
import { dropSchema, truncate } from "./schema.ts";

interface BossJob {
  readonly id: string;
  readonly data: JsonJob;
}

/** What is used of a `PgBoss` of the package `pg-boss`. */
interface Boss {
  on(event: "error", listener: () => void): unknown;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  createQueue(name: string): Promise<void>;
  send(name: string, data: object): Promise<string | null>;
  insert(name: string, jobs: readonly { data: object }[]): Promise<unknown>;
  fetch(name: string, options: { batchSize: number }): Promise<readonly BossJob[]>;
  complete(name: string, ids: readonly string[]): Promise<unknown>;
  work(name: string, options: object, handler: (jobs: readonly BossJob[]) => Promise<void>): Promise<string>;
  offWork(name: string, options?: { wait?: boolean }): Promise<void>;
}

interface Module {
  readonly PgBoss: new (options: object) => Boss;
}

const queue = "work";
const batchSize = 100;

/** pg-boss, its jobs taken by its own loop or by two loops of `fetch` and `complete`. */
export function pgBoss(taking: "work" | "fetch"): OpenContender {
  return async (place) => {
    const { PgBoss } = await importPeer<Module>("pg-boss");
    const boss = new PgBoss({ connectionString: place.url, schema: place.name, supervise: false, schedule: false });
    boss.on("error", () => {}); // the call that failed rejects
    await boss.start();
    await boss.createQueue(queue);
    return new PgBossContender(boss, place, taking);
  };
}

class PgBossContender implements Contender {
  readonly #boss: Boss;
  readonly #place: Place;
  readonly #taking: "work" | "fetch";

  constructor(boss: Boss, place: Place, taking: "work" | "fetch") {
    this.#boss = boss;
    this.#place = place;
    this.#taking = taking;
  }

  async send(job: BenchJob): Promise<void> {
    await this.#boss.send(queue, jsonOf(job));
  }

  async fill(jobs: readonly BenchJob[]): Promise<void> {
    for (const chunk of chunks(jobs, 500))
      await this.#boss.insert(
        queue,
        chunk.map((job) => ({ data: jsonOf(job) })),
      );
  }

  consume(onJob: OnJob): Promise<() => Promise<void>> {
    return this.#taking === "work" ? this.#work(onJob) : this.#fetch(onJob);
  }

  clear(): Promise<void> {
    return truncate(this.#place, ["job"]);
  }

  async remove(): Promise<void> {
    await this.#boss.stop({ graceful: false });
    await dropSchema(this.#place);
  }

  async #work(onJob: OnJob): Promise<() => Promise<void>> {
    await this.#boss.work(queue, { batchSize, pollingIntervalSeconds: 0.5 }, async (jobs) => {
      for (const { data } of jobs) onJob(data.body);
    });
    return () => this.#boss.offWork(queue, { wait: true });
  }

  async #fetch(onJob: OnJob): Promise<() => Promise<void>> {
    let isStopped = false;
    const loop = async (): Promise<void> => {
      while (!isStopped) {
        const jobs = await this.#boss.fetch(queue, { batchSize });
        if (jobs.length === 0) return;
        for (const { data } of jobs) onJob(data.body);
        await this.#boss.complete(
          queue,
          jobs.map(({ id }) => id),
        );
      }
    };
    const loops = Promise.all([loop(), loop()]);
    return async () => {
      isStopped = true;
      await loops;
    };
  }
}
