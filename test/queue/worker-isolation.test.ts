import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { capabilitiesOf } from "../../src/queue/capabilities.ts";
import { memoryQueue } from "../../src/queue/drivers/memory.ts";
import type { LeasedJob, Queue } from "../../src/queue/queue.ts";
import { createWorker, type QueueWorker, type WorkerOptions } from "../../src/queue/worker.ts";
import { type ControllableClock, controllableClock } from "../../src/testing/clock.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { type Gate, gate, until } from "../support/until.ts";
import { newJob } from "./conformance.ts";

describe("a worker's limits between jobs", () => {
  let clock: ControllableClock;
  let queue: Queue;
  let workers: QueueWorker[];
  /** Jobs whose handler runs, in the order in which they began; each ends when its gate is opened. */
  let running: Map<string, Gate>;
  let begun: string[];

  beforeEach(() => {
    clock = controllableClock();
    queue = memoryQueue({ clock });
    workers = [];
    running = new Map();
    begun = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.close({ graceMs: 0 })));
    await queue.close();
  });

  async function hold({ id }: LeasedJob): Promise<void> {
    const end = gate();
    running.set(id, end);
    begun.push(id);
    await end.opened;
    running.delete(id);
  }

  function start(options: Partial<WorkerOptions> = {}): QueueWorker {
    const worker = createWorker({ queue, clock, logger: new RecordingLogger(), process: hold, ...options });
    workers.push(worker);
    worker.start();
    return worker;
  }

  const send = (id: string, group: string) => queue.send(newJob(id, { group }));
  const open = async () => (await queue.list({ state: "open", limit: 0 })).total;

  /** Lets a holder of all jobs die, so many times. */
  async function crash(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      await queue.claim({ limit: 100, leaseMs: 1_000 });
      await clock.advance(1_000);
    }
  }

  it("has a failed job wait as long as it was told, though the clock was set while the queue was away", async () => {
    let isAway = false;
    const sometimes: Queue = {
      ...limit(queue),
      claim: (options) => (isAway ? Promise.reject(new Error("away")) : queue.claim(options)),
    };
    await send("a", "");
    let attempts = 0;
    const process = async () => {
      isAway = ++attempts === 1;
      throw new Error("not yet");
    };
    start({ queue: sometimes, process, backoff: () => 60_000 });
    await until(() => attempts === 1);
    await clock.advance(10_000);
    clock.jump(-24 * 60 * 60 * 1_000);
    isAway = false;
    await until(async () => {
      await clock.advance(1_000);
      return attempts === 2;
    });
    expect((await queue.list({ state: "open" })).jobs[0]?.attempts).toBe(2);
  });

  describe("the concurrency of a group", () => {
    const concurrencyOf = (group: string) => (group === "slow" ? 2 : Number.POSITIVE_INFINITY);

    it("is kept, while jobs of others run beside it and overtake", async () => {
      for (let index = 0; index < 6; index++) await send(`slow-${index}`, "slow");
      for (let index = 0; index < 3; index++) await send(`quick-${index}`, "quick");
      start({ concurrency: 5, concurrencyOf });
      await until(() => running.size === 5);
      expect([...running.keys()].sort()).toEqual(["quick-0", "quick-1", "quick-2", "slow-0", "slow-1"]);
      running.get("slow-0")?.open();
      await until(() => begun.includes("slow-2"));
      expect([...running.keys()].filter((id) => id.startsWith("slow"))).toHaveLength(2);
    });

    it("does not keep others waiting behind many of the group", async () => {
      for (let index = 0; index < 500; index++) await send(`slow-${index}`, "slow");
      await send("quick", "quick");
      start({ concurrency: 10, concurrencyOf });
      await until(() => running.has("quick"));
      expect([...running.keys()].filter((id) => id.startsWith("slow"))).toHaveLength(2);
    });

    it("is kept on an engine that cannot pass over a group, and nothing is lost", async () => {
      const limited: Queue = limit(queue);
      for (let index = 0; index < 30; index++) await send(`slow-${index}`, "slow");
      await send("quick", "quick");
      let most = 0;
      let now = 0;
      const process = async (job: LeasedJob) => {
        if (job.group === "slow") most = Math.max(most, ++now);
        await Promise.resolve();
        if (job.group === "slow") now--;
      };
      start({ queue: limited, concurrency: 4, concurrencyOf, process });
      await until(async () => {
        await clock.advance(1_000);
        return (await open()) === 0;
      });
      expect(most).toBe(2);
    });
  });

  describe("a job whose workers died twice", () => {
    it("runs alone, and what was held beside it is handed back without a counted attempt", async () => {
      await send("poison", "");
      await crash(2);
      for (const id of ["a", "b", "c"]) await send(id, "");
      start({ concurrency: 10 });
      await until(() => running.has("poison"));
      expect([...running.keys()]).toEqual(["poison"]);
      const other = await queue.claim({ limit: 10, leaseMs: 1_000 });
      expect(other.jobs.map(({ id, attempt }) => [id, attempt])).toEqual([
        ["a", 1],
        ["b", 1],
        ["c", 1],
      ]);
      const settle = other.jobs.map(({ id, lease }) => ({ id, lease, outcome: "release" }) as const);
      await queue.claim({ limit: 0, leaseMs: 1_000, settle });
      running.get("poison")?.open();
      await until(async () => {
        await clock.advance(1_000);
        return running.size === 3;
      });
    });

    it("waits until what runs has ended", async () => {
      await send("poison", "");
      await crash(2);
      const { jobs } = await queue.claim({ limit: 1, leaseMs: 5_000 });
      await send("long", "");
      start({ concurrency: 10 });
      await until(() => running.has("long"));
      const settle = jobs.map(({ id, lease }) => ({ id, lease, outcome: "release" }) as const);
      await queue.claim({ limit: 0, leaseMs: 1_000, settle });
      await send("next", "");
      await until(async () => {
        await clock.advance(1_000);
        return workers[0]?.status().buffered === 1;
      });
      expect(begun).toEqual(["long"]);
      running.get("long")?.open();
      await until(() => running.has("poison"));
      expect(begun).toEqual(["long", "poison"]);
    });

    it("becomes a dead letter after its last attempt, and the others beside it do not", async () => {
      await send("poison", "");
      for (const id of ["a", "b", "c"]) await send(id, "");
      // A process holds all of them and dies with the poison, again and again; where it is run alone, it dies alone.
      for (let attempt = 0; attempt < 12; attempt++) {
        const worker = createWorker({
          queue,
          clock,
          logger: new RecordingLogger(),
          maxAttempts: 4,
          process: (job) => (job.id === "poison" ? new Promise(() => begun.push("poison")) : Promise.resolve()),
        });
        const before = begun.length;
        worker.start();
        await until(async () => {
          await clock.advance(1_000);
          return begun.length > before || (await queue.list({ state: "dead", limit: 0 })).total === 1;
        });
        await worker.close({ graceMs: 0 }); // abandons what runs, as a crash does
        await clock.advance(60_000);
      }
      expect((await queue.list({ state: "dead" })).jobs.map(({ id, attempts }) => [id, attempts])).toEqual([["poison", 5]]);
      expect(await open()).toBe(0);
    });
  });
});

/** The same queue on an engine that heeds no exceptions. */
function limit(queue: Queue): Queue {
  return {
    capabilities: { ...capabilitiesOf(queue), exceptions: false },
    send: (job) => queue.send(job),
    claim: ({ except: _, ...options }) => queue.claim(options),
    renew: (leases, leaseMs) => queue.renew(leases, leaseMs),
    watch: (listener) => queue.watch(listener),
    list: (query) => queue.list(query),
    retry: (ids) => queue.retry(ids),
    purge: (ids) => queue.purge(ids),
    close: () => queue.close(),
  };
}
