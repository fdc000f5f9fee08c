import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ApplicationError } from "../../src/errors.ts";
import type { LogFields, Logger } from "../../src/logger.ts";
import { memoryQueue } from "../../src/queue/drivers/memory.ts";
import type { ClaimOptions, LeasedJob, Queue } from "../../src/queue/queue.ts";
import { createWorker, type QueueWorker, type WorkerOptions } from "../../src/queue/worker.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";
import { newJob } from "./conformance.ts";

/** A promise that the test settles. */
function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Waits, by turns of the event loop and not by time, until something is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function recordingLogger() {
  const lines: { readonly level: keyof Logger; readonly fields: LogFields; readonly message: string }[] = [];
  const record = (level: keyof Logger) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
  return { lines, debug: record("debug"), info: record("info"), warn: record("warn"), error: record("error") };
}

describe("createWorker", () => {
  let clock: ControllableClock;
  let queue: Queue;
  let logger: ReturnType<typeof recordingLogger>;
  let workers: QueueWorker[];

  beforeEach(() => {
    clock = controllableClock();
    queue = memoryQueue({ clock });
    logger = recordingLogger();
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.close({ graceMs: 0 })));
    expect(clock.sleepers).toBe(0);
    await queue.close();
  });

  function start(process: WorkerOptions["process"], options: Partial<WorkerOptions> = {}): QueueWorker {
    const worker = createWorker({ queue, clock, logger, random: () => 0.5, process, ...options });
    workers.push(worker);
    worker.start();
    return worker;
  }

  /** Starts a worker whose jobs run until the test ends them; it records what runs. */
  function startHolding(options: Partial<WorkerOptions> = {}) {
    const running = new Map<string, { readonly job: LeasedJob; readonly signal: AbortSignal; readonly end: () => void }>();
    const worker = start(async (job, signal) => {
      const { promise, resolve } = deferred();
      running.set(job.id, { job, signal, end: resolve });
      await promise;
      running.delete(job.id);
    }, options);
    return { worker, running };
  }

  const sendMany = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => queue.send(newJob(`job-${index}`))));
  const open = async () => (await queue.list({ state: "open" })).total;
  const deadLetters = async () => (await queue.list({ state: "dead" })).jobs;

  it("processes and acknowledges jobs, those sent before it started and after", async () => {
    await queue.send(newJob("before"));
    const seen: string[] = [];
    start(async ({ id }) => void seen.push(id));
    await until(async () => (await open()) === 0);
    await queue.send(newJob("after"));
    await until(async () => (await open()) === 0);
    expect(seen).toEqual(["before", "after"]);
  });

  it("gives each of 1,000 jobs to one of several workers once", async () => {
    const seen: string[] = [];
    for (let count = 0; count < 4; count++) start(async ({ id }) => void seen.push(id));
    await sendMany(1_000);
    await until(async () => (await open()) === 0);
    expect(seen).toHaveLength(1_000);
    expect(new Set(seen).size).toBe(1_000);
  });

  it("runs no more jobs at once than it may, and holds no more while they are slow", async () => {
    await sendMany(30);
    const { worker, running } = startHolding({ concurrency: 3 });
    await until(() => running.size === 3);
    await turns(20);
    expect(worker.status()).toEqual({ state: "working", running: 3, buffered: 0 });
    await clock.advance(1_000);
    running.get("job-0")!.end();
    await until(() => running.has("job-3"));
    await turns(20);
    expect(worker.status()).toEqual({ state: "working", running: 3, buffered: 0 });
  });

  it("holds up to 100 jobs while they are fast, and acknowledges with the next claim", async () => {
    const claims: ClaimOptions[] = [];
    const counting: Queue = {
      ...bind(queue),
      claim: (options) => {
        claims.push(options);
        return queue.claim(options);
      },
    };
    await sendMany(1_000);
    start(async () => {}, { queue: counting });
    await until(async () => (await open()) === 0);
    expect(Math.max(...claims.map(({ limit }) => limit))).toBe(100);
    expect(claims.length).toBeLessThan(60);
  });

  it("runs a job when it becomes due, though nobody calls", async () => {
    await queue.send(newJob("later", { dueAt: new Date(clock.now().getTime() + 400) }));
    const seen: Date[] = [];
    start(async () => void seen.push(clock.now()));
    await turns(10);
    await clock.advance(1_000);
    expect(seen.map((at) => at.toISOString())).toEqual(["2026-01-01T00:00:00.400Z"]);
  });

  it("finds jobs of other processes by polling", async () => {
    const unwatched: Queue = { ...bind(queue), watch: () => () => {} };
    const seen: string[] = [];
    start(async ({ id }) => void seen.push(id), { queue: unwatched, pollMs: 700 });
    await turns(10);
    await queue.send(newJob("a"));
    await turns(10);
    expect(seen).toEqual([]);
    await clock.advance(700);
    await until(() => seen.length === 1);
  });

  it("tries a failed job again after the backoff, and then makes it a dead letter with the reason", async () => {
    await queue.send(newJob("a"));
    const attempts: string[] = [];
    const fail = async ({ attempt }: LeasedJob) => {
      attempts.push(`${attempt} at ${clock.now().getTime() - Date.parse("2026-01-01")}`);
      throw new Error(`failure ${attempt}`);
    };
    start(fail, { maxAttempts: 3 });
    await until(() => attempts.length === 1);
    await turns(10);
    await clock.advance(60_000);
    await until(async () => (await deadLetters()).length === 1);
    expect(attempts).toEqual(["1 at 0", "2 at 2500", "3 at 7500"]);
    expect(await deadLetters()).toMatchObject([{ id: "a", attempts: 3, reason: "Error: failure 3" }]);
  });

  it("records whatever a job throws", async () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    const hostile = Object.defineProperty(new Error("x"), "message", {
      get() {
        throw new Error("no message");
      },
    });
    const thrown = [undefined, null, "text", cyclic, hostile, Object.create(null), new Error("x".repeat(10_000_000))];
    await sendMany(thrown.length);
    start(
      async ({ id }) => {
        throw thrown[Number(id.slice(4))];
      },
      { maxAttempts: 1 },
    );
    await until(async () => (await deadLetters()).length === thrown.length);
    const reasons = (await deadLetters()).map(({ reason }) => reason ?? "");
    expect(reasons.slice(0, 3)).toEqual(["undefined", "null", "text"]);
    expect(Math.max(...reasons.map((reason) => reason.length))).toBeLessThan(2_100);
  });

  it("fails a job that throws before it returns a promise", async () => {
    await queue.send(newJob("a"));
    const throwAtOnce = () => {
      throw new Error("at once");
    };
    start(throwAtOnce, { maxAttempts: 1 });
    await until(async () => (await deadLetters()).length === 1);
  });

  it("retries a job though the backoff throws or answers nonsense", async () => {
    await sendMany(2);
    const answers = [Number.NaN, Number.POSITIVE_INFINITY];
    const backoff = () => {
      const answer = answers.pop();
      if (answer === undefined) throw new Error("no backoff");
      return answer;
    };
    const attempts: number[] = [];
    start(
      async ({ attempt }) => {
        attempts.push(attempt);
        throw new Error("x");
      },
      { backoff, maxAttempts: 3 },
    );
    await until(async () => (await deadLetters()).length === 1);
    expect(await open()).toBe(1);
  });

  it("makes a job a dead letter without running it once its last attempt has died with its worker", async () => {
    await queue.send(newJob("a"));
    for (let attempt = 1; attempt <= 2; attempt++) {
      await queue.claim({ limit: 1, leaseMs: 1_000 });
      await clock.advance(1_000);
    }
    let runs = 0;
    start(async () => void runs++, { maxAttempts: 2 });
    await until(async () => (await deadLetters()).length === 1);
    expect(runs).toBe(0);
  });

  it("aborts a job that takes too long, frees its slot and counts the attempt as failed", async () => {
    await sendMany(2);
    const { running } = startHolding({ concurrency: 1, timeoutMs: 5_000, maxAttempts: 1 });
    await until(() => running.size === 1);
    await clock.advance(5_000);
    expect(running.get("job-0")!.signal.reason).toMatchObject({ code: "handler_timeout" });
    await until(() => running.has("job-1"));
    expect(await deadLetters()).toMatchObject([{ id: "job-0" }]);
  });

  it("keeps a timeout of more than 2^31 milliseconds", async () => {
    await queue.send(newJob("a"));
    const { running } = startHolding({ timeoutMs: 2 ** 32 });
    await until(() => running.size === 1);
    await clock.advance(60_000);
    expect(running.get("a")!.signal.aborted).toBe(false);
  });

  it("keeps its lease for as long as a job runs", async () => {
    await queue.send(newJob("a"));
    const { running } = startHolding({ leaseMs: 3_000, timeoutMs: 1_000_000 });
    await until(() => running.size === 1);
    await clock.advance(30_000);
    expect((await queue.claim({ limit: 1, leaseMs: 1 })).jobs).toEqual([]);
    running.get("a")!.end();
    await until(async () => (await open()) === 0);
  });

  it("aborts a job whose lease it has lost, and does not settle it", async () => {
    await queue.send(newJob("a"));
    const { running } = startHolding({ queue: { ...bind(queue), renew: async (leases) => leases }, leaseMs: 3_000, concurrency: 1 });
    await until(() => running.size === 1);
    await clock.advance(1_000);
    const { signal, end } = running.get("a")!;
    expect(signal.reason).toMatchObject({ code: "lease_lost" });
    end();
    await until(() => running.size === 0);
    await turns(10);
    expect(await open()).toBe(1);
  });

  it("pauses while the queue is down, burns no attempt, and logs the outage once", async () => {
    let isDown = true;
    const unavailable = () => Promise.reject(new ApplicationError("queue_unavailable"));
    const flaky: Queue = { ...bind(queue), claim: (options) => (isDown ? unavailable() : queue.claim(options)) };
    await queue.send(newJob("a"));
    const attempts: number[] = [];
    const worker = start(async ({ attempt }) => void attempts.push(attempt), { queue: flaky });
    await until(() => worker.status().state === "paused");
    await clock.advance(120_000);
    isDown = false;
    await clock.advance(60_000);
    await until(async () => (await open()) === 0);
    expect(attempts).toEqual([1]);
    expect(logger.lines.map(({ level }) => level)).toEqual(["error", "info"]);
  });

  it("keeps an acknowledgement that the queue did not take, and repeats it", async () => {
    let failures = 2;
    const flaky: Queue = {
      ...bind(queue),
      claim: async (options) => {
        if ((options.settle?.length ?? 0) > 0 && failures-- > 0) throw new ApplicationError("queue_unavailable");
        return queue.claim(options);
      },
    };
    await queue.send(newJob("a"));
    let runs = 0;
    start(async () => void runs++, { queue: flaky });
    await until(() => failures === 1);
    await turns(5);
    await clock.advance(30_000);
    await until(async () => (await open()) === 0);
    expect(runs).toBe(1);
  });

  it("gives back what it has not begun when it is closed, and waits for the rest", async () => {
    await sendMany(20);
    const gate = deferred();
    let isFast = true;
    const started: string[] = [];
    const worker = start(
      async ({ id }) => {
        started.push(id);
        if (!isFast) await gate.promise;
      },
      { concurrency: 2 },
    );
    await until(async () => (await open()) === 0);
    isFast = false;
    await sendMany(20);
    await until(() => worker.status().buffered > 0);
    const closing = worker.close({ graceMs: 60_000 });
    await until(async () => (await queue.list({ state: "open" })).jobs.filter(({ attempts }) => attempts === 0).length === 18);
    expect(worker.status()).toMatchObject({ state: "closing", running: 2, buffered: 0 });
    gate.resolve();
    expect(await closing).toEqual({ drained: true });
    expect(await open()).toBe(18);
    expect(worker.status().state).toBe("closed");
  });

  it("aborts what still runs when the grace is over, and leaves its lease to run out", async () => {
    await sendMany(2);
    const { worker, running } = startHolding({ concurrency: 2, leaseMs: 60_000 });
    await until(() => running.size === 2);
    const { signal, end } = running.get("job-0")!;
    running.get("job-1")!.end();
    const closing = worker.close({ graceMs: 5_000 });
    await turns(10);
    await clock.advance(5_000);
    expect(await closing).toEqual({ drained: false });
    expect(signal.reason).toMatchObject({ code: "draining" });
    end();
    await turns(10);
    expect((await queue.list({ state: "open" })).jobs).toMatchObject([{ id: "job-0", attempts: 1 }]);
    expect((await queue.claim({ limit: 2, leaseMs: 1 })).jobs).toEqual([]);
  });

  it("ends within the grace though the queue stays down", async () => {
    const down: Queue = { ...bind(queue), claim: () => Promise.reject(new ApplicationError("queue_unavailable")) };
    const worker = start(async () => {}, { queue: down });
    await until(() => worker.status().state === "paused");
    const closing = worker.close({ graceMs: 5_000 });
    await clock.advance(5_000);
    expect(await closing).toEqual({ drained: true });
  });

  it("closes before it was started, and more than once", async () => {
    const worker = createWorker({ queue, clock, logger, process: async () => {} });
    expect(await worker.close({ graceMs: 1_000 })).toEqual({ drained: true });
    expect(await worker.close({ graceMs: 1_000 })).toEqual({ drained: true });
    worker.start();
    expect(worker.status().state).toBe("closed");
  });
});

/** The methods of a queue as an object of its own, so that a test can replace one. */
function bind(queue: Queue): Queue {
  return {
    send: (job) => queue.send(job),
    claim: (options) => queue.claim(options),
    renew: (leases, leaseMs) => queue.renew(leases, leaseMs),
    watch: (listener) => queue.watch(listener),
    list: (query) => queue.list(query),
    retry: (ids) => queue.retry(ids),
    purge: (ids) => queue.purge(ids),
    close: () => queue.close(),
  };
}
