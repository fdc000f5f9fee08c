import { afterEach, beforeEach, expect } from "@jest/globals";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import { memoryQueue } from "../../src/queue/drivers/memory.ts";
import type { LeasedJob, Queue } from "../../src/queue/queue.ts";
import { createWorker, type QueueWorker, type WorkerOptions } from "../../src/queue/worker.ts";
import { controllableClock } from "../../src/testing/clock.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { gate } from "../support/until.ts";
import { newJob } from "./conformance.ts";

/** A job whose handler runs until the test ends it. */
export interface RunningJob {
  readonly job: LeasedJob;
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/** Options of a worker, with methods, or a statement of what it can do, in place of those of the memory queue. */
export interface HarnessOptions extends Partial<Omit<WorkerOptions, "queue" | "process">> {
  readonly engine?: Partial<Queue>;
}

/** Workers over a memory queue of the test's own, on a clock that the test moves. None of them leaves a timer. */
export class WorkerHarness {
  readonly #workers: QueueWorker[] = [];
  /** Jobs of {@link startHolding} that run. */
  readonly running = new Map<string, RunningJob>();
  /** Ids of the jobs of {@link startHolding}, in the order in which they began. */
  readonly begun: string[] = [];
  clock = controllableClock();
  queue = memoryQueue({ clock: this.clock });
  logger = new RecordingLogger();

  /** Registers what runs before and after the tests of the suite at hand. */
  constructor() {
    beforeEach(() => this.#renew());
    afterEach(() => this.#end());
  }

  start(process: WorkerOptions["process"], options: HarnessOptions = {}): QueueWorker {
    const worker = this.make(process, options);
    worker.start();
    return worker;
  }

  /** A worker that has not been started. */
  make(process: WorkerOptions["process"], { engine, ...options }: HarnessOptions = {}): QueueWorker {
    const { clock, logger } = this;
    const queue = engine ? withMethods(this.queue, engine) : this.queue;
    const worker = createWorker({ queue, clock, logger, random: () => 0.5, process, ...options });
    this.#workers.push(worker);
    return worker;
  }

  /** Starts a worker whose jobs run until the test ends them. */
  startHolding(options: HarnessOptions = {}): QueueWorker {
    const hold = async (job: LeasedJob, signal: AbortSignal) => {
      const { opened, open } = gate();
      this.begun.push(job.id);
      this.running.set(job.id, { job, signal, end: open });
      await opened;
      this.running.delete(job.id);
    };
    return this.start(hold, options);
  }

  /** Ends a job that runs. */
  end(id: string): void {
    this.running.get(id)?.end();
  }

  async send(id: string, group = ""): Promise<void> {
    await this.queue.send(newJob(id, { group }));
  }

  async sendMany(count: number, prefix = "job"): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, index) => this.queue.send(newJob(`${prefix}-${index}`))));
  }

  /** How many jobs are still to be done, leased ones included. */
  async open(): Promise<number> {
    return (await this.queue.list({ state: "open", limit: 0 })).total;
  }

  async deadLetters() {
    return (await this.queue.list({ state: "dead" })).jobs;
  }

  /** Lets a holder of all jobs die, so many times. */
  async crash(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      await this.queue.claim({ limit: 100, leaseMs: 1_000 });
      await this.clock.advance(1_000);
    }
  }

  #renew(): void {
    this.clock = controllableClock();
    this.queue = memoryQueue({ clock: this.clock });
    this.logger = new RecordingLogger();
    this.running.clear();
    this.begun.length = 0;
  }

  async #end(): Promise<void> {
    const closing = this.#workers.splice(0).map((worker) => worker.close({ graceMs: 0 }));
    await turns(20);
    await this.clock.advance(60_000); // for those whose engine hangs
    await Promise.all(closing);
    expect(this.clock.sleepers).toBe(0);
    await this.queue.close();
  }
}

/** Turns of the event loop in which nothing is expected to happen. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function withMethods(queue: Queue, methods: Partial<Queue>): Queue {
  return {
    capabilities: capabilitiesOf(queue),
    send: (job) => queue.send(job),
    claim: (options) => queue.claim(options),
    renew: (leases, leaseMs) => queue.renew(leases, leaseMs),
    watch: (listener) => queue.watch(listener),
    list: (query) => queue.list(query),
    retry: (ids) => queue.retry(ids),
    purge: (ids) => queue.purge(ids),
    close: () => queue.close(),
    ...methods,
  };
}
