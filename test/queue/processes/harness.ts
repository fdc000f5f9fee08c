import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "@jest/globals";
import { capabilitiesOf } from "../../../src/queue/capabilities.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";
import { type PrivateEngine, startEngine } from "../../support/engines.ts";
import { until } from "../../support/until.ts";
import { acknowledge } from "../conformance-suite.ts";
import { openQueue, type QueueSpec } from "../open-queue.ts";
import { seed } from "./seed.ts";
import type { SenderOptions } from "./sender.ts";
import { startSqs } from "./sqs-engine.ts";
import { type Child, Children } from "./start-child.ts";

/** Longer than any test. */
export const longLeaseMs = 120_000;

/** After so long without a job, no more is expected. */
const idleMs = 300;

/** How a process ends when all is well. */
export const wellEnded = { code: 0, signal: null };

/** How many jobs workers have done, each time counted. */
export function countDone(workers: readonly Child[]): number {
  return workers.reduce((sum, worker) => sum + worker.said("done").length, 0);
}

/** Resolves when a number has stayed the same for two seconds; at once where it is 0. */
async function untilQuiet(count: () => number): Promise<void> {
  let last = { count: 0, at: performance.now() };
  await until(() => {
    if (count() !== last.count) last = { count: count(), at: performance.now() };
    return last.count === 0 || performance.now() - last.at > 2_000;
  }, 30_000);
}

/** A queue of its own for each test on an engine of the suite's own, and the processes that use it. */
export class ProcessHarness {
  readonly #engine: QueueSpec["engine"];
  readonly #opened = new Set<Queue>();
  #directory: Awaited<ReturnType<typeof temporaryDirectory>> | undefined;
  #server: PrivateEngine | undefined;
  #children = new Children({});
  #spec: QueueSpec | undefined;

  /** Registers what runs before and after the tests of the suite at hand. */
  constructor(engine: QueueSpec["engine"]) {
    this.#engine = engine;
    beforeAll(() => this.#start(), 120_000);
    afterAll(() => this.#remove(), 60_000);
    beforeEach(() => this.#renew(), 60_000);
    afterEach(() => this.#endTest(), 60_000);
  }

  get children(): Children {
    return this.#children;
  }

  get spec(): QueueSpec {
    if (!this.#spec) throw new Error("There is a queue only while a test runs.");
    return this.#spec;
  }

  get server(): PrivateEngine {
    if (!this.#server) throw new Error(`${this.#engine} has no server.`);
    return this.#server;
  }

  /** A test that tells, when it fails, what repeats it and how its processes stood. */
  it(title: string, test: () => Promise<void>, ms = 60_000): void {
    const run = () =>
      test().catch((error: unknown) => {
        const repeat = `To repeat: HOOKWRIGHT_SEED=${seed}, engine ${this.#engine}, ${JSON.stringify(this.#spec)}`;
        if (error instanceof Error) error.message += `\n\n${repeat}\n${this.#children.describe()}`;
        throw error;
      });
    it(title, run, ms);
  }

  /** Opens the queue in this process; it is closed after the test. */
  async open(): Promise<Queue> {
    const queue = await openQueue(this.spec);
    this.#opened.add(queue);
    return queue;
  }

  startWorker(options: { readonly concurrency?: number; readonly leaseMs?: number } = {}): Child {
    return this.#children.start("worker", this.spec, { concurrency: 10, leaseMs: longLeaseMs, ...options });
  }

  startSender(prefix: string, options: Partial<SenderOptions> = {}): Child {
    return this.#children.start("sender", this.spec, { prefix, concurrency: 16, bodyBytes: 200, seed, ...options });
  }

  /** Claims until so many have come, and no more than that. */
  async claimAll(queue: Queue, count: number, leaseMs = longLeaseMs): Promise<readonly LeasedJob[]> {
    const jobs: LeasedJob[] = [];
    const haveAllCome = async () => {
      const claimed = await queue.claim({ limit: Math.min(100, count - jobs.length), leaseMs });
      jobs.push(...claimed.jobs);
      if (claimed.jobs.length === 0) await delay(20);
      return jobs.length >= count;
    };
    await until(haveAllCome, 30_000).catch((cause) => {
      throw new Error(`${jobs.length} of ${count} jobs came.`, { cause });
    });
    return jobs;
  }

  /** Claims and acknowledges until so many have come, and nothing more does. */
  async drain(expected = 0): Promise<readonly LeasedJob[]> {
    const queue = await this.open();
    const jobs: LeasedJob[] = [];
    const giveUpAt = performance.now() + 20_000;
    let settle: readonly Settlement[] = [];
    for (let idleSince = performance.now(); performance.now() - idleSince < idleMs; ) {
      const claimed = await queue.claim({ limit: 100, leaseMs: longLeaseMs, settle });
      settle = claimed.jobs.map(acknowledge);
      jobs.push(...claimed.jobs);
      const isMoreExpected = jobs.length < expected && performance.now() < giveUpAt;
      if (claimed.jobs.length > 0 || isMoreExpected) idleSince = performance.now();
      if (claimed.jobs.length === 0) await delay(25);
    }
    return jobs;
  }

  /** Waits until no job is left, leased ones included; where the engine cannot tell, until the workers have done none for a while. */
  async untilEmpty(workers: readonly Child[] = []): Promise<void> {
    const queue = await this.open();
    if (capabilitiesOf(queue).counts !== "exact") return untilQuiet(() => countDone(workers));
    const isEmpty = async () => {
      await delay(50);
      return (await queue.list({ state: "open", limit: 0 })).total === 0;
    };
    await until(isEmpty, 20_000);
  }

  async expectEmpty(): Promise<void> {
    await this.untilEmpty();
    const queue = await this.open();
    const { counts, deadLetters } = capabilitiesOf(queue);
    if (counts !== "none" && deadLetters) expect((await queue.list({ state: "dead", limit: 0 })).total).toBe(0);
    expect(await this.drain()).toEqual([]);
  }

  /** Resolves when workers have done so many jobs; rejects when one of them ends before. */
  async untilDone(workers: readonly Child[], count: number, ms = 40_000): Promise<void> {
    const isOver = () => countDone(workers) >= count || workers.some((worker) => worker.hasEnded);
    await until(isOver, ms).catch((cause) => {
      throw new Error(`${countDone(workers)} of ${count} jobs were done in ${ms} ms.`, { cause });
    });
    if (countDone(workers) < count) throw new Error("A worker has ended that should not.");
  }

  /** Waits until every job whose send has resolved has been done at least once. */
  async expectAllDone(senders: readonly Child[], workers: readonly Child[]): Promise<void> {
    const sent = senders.flatMap((sender) => sender.ids("sent"));
    const missing = () => {
      const done = new Set(workers.flatMap((worker) => worker.ids("done")));
      return sent.filter((id) => !done.has(id));
    };
    await until(() => missing().length === 0, 30_000).catch(() => expect(missing()).toEqual([]));
  }

  /** Asks workers to stop, and answers the ids of what they had done. */
  async stopWorkers(workers: readonly Child[]): Promise<readonly string[]> {
    for (const worker of workers) {
      await worker.says("started"); // before that, nothing hears the signal
      worker.kill("SIGTERM");
    }
    for (const worker of workers) {
      expect(await worker.ends()).toEqual(wellEnded);
      expect(worker.said("closed")).toEqual([["true"]]); // drained
    }
    return workers.flatMap((worker) => worker.ids("done"));
  }

  async #start(): Promise<void> {
    this.#directory = await temporaryDirectory();
    if (this.#engine !== "sqlite" && this.#engine !== "sqs") this.#server = await startEngine(this.#engine);
  }

  async #remove(): Promise<void> {
    if (this.#engine !== "sqs") await this.#server?.remove();
    await this.#directory?.remove();
  }

  async #renew(): Promise<void> {
    const path = this.#directory?.path ?? "";
    const environment = { NODE_COMPILE_CACHE: join(path, "compile-cache") };
    this.#children = new Children(environment);
    if (this.#engine === "sqs") this.#server = await startSqs(environment); // of which each has one queue
    const name = `t${randomUUID().replaceAll("-", "").slice(0, 12)}`;
    const engine = this.#engine;
    this.#spec = engine === "sqlite" ? { engine, file: join(path, `${name}.db`) } : { engine, connection: this.server.connection, name };
  }

  async #endTest(): Promise<void> {
    await this.#children.end();
    for (const queue of this.#opened) await queue.close();
    this.#opened.clear();
    if (this.#engine === "sqs") await this.#server?.remove();
  }
}
