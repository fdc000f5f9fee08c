import { describe, expect, it } from "@jest/globals";
import { ApplicationError } from "../../src/errors.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { gate, until } from "../support/until.ts";
import { turns, WorkerHarness } from "./worker-harness.ts";

describe("createWorker", () => {
  const harness = new WorkerHarness();
  const unavailable = () => Promise.reject(new ApplicationError("queue_unavailable"));
  const never = () => new Promise<never>(() => {});

  it("gives back what it has not begun when it is closed, and waits for the rest", async () => {
    await harness.sendMany(20);
    const { opened, open } = gate();
    let isFast = true;
    const process = async () => {
      if (!isFast) await opened;
    };
    const worker = harness.start(process, { concurrency: 2 });
    await until(async () => (await harness.open()) === 0);
    isFast = false;
    await harness.sendMany(20);
    await until(() => worker.status().buffered > 0);
    const closing = worker.close({ graceMs: 60_000 });
    await until(async () => (await harness.queue.list({ state: "open" })).jobs.filter(({ attempts }) => attempts === 0).length === 18);
    expect(worker.status()).toMatchObject({ state: "closing", running: 2, buffered: 0 });
    open();
    expect(await closing).toEqual({ drained: true });
    expect(await harness.open()).toBe(18);
    expect(worker.status().state).toBe("closed");
  });

  it("gives back what a claim brings that was under way when it was closed", async () => {
    const { opened, open } = gate();
    let claims = 0;
    const claim: Queue["claim"] = async (options) => {
      const claimed = await harness.queue.claim(options);
      if (++claims === 1) await opened;
      return claimed;
    };
    await harness.sendMany(3);
    const worker = harness.startHolding({ engine: { claim } });
    await until(async () => (await harness.queue.list({ state: "open" })).jobs[0]?.attempts === 1);
    const closing = worker.close({ graceMs: 60_000 });
    open();
    expect(await closing).toEqual({ drained: true });
    expect(harness.begun).toEqual([]);
    expect((await harness.queue.list({ state: "open" })).jobs.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
  });

  it("aborts what still runs when the grace is over, and leaves its lease to run out", async () => {
    await harness.sendMany(2);
    const worker = harness.startHolding({ concurrency: 2, leaseMs: 60_000 });
    await until(() => harness.running.size === 2);
    const { signal, end } = harness.running.get("job-0")!;
    harness.end("job-1");
    const closing = worker.close({ graceMs: 5_000 });
    await turns(10);
    await harness.clock.advance(5_000);
    expect(await closing).toEqual({ drained: false });
    expect(signal.reason).toMatchObject({ code: "draining" });
    end();
    await turns(10);
    expect((await harness.queue.list({ state: "open" })).jobs).toMatchObject([{ id: "job-0", attempts: 1 }]);
    expect((await harness.queue.claim({ limit: 2, leaseMs: 1 })).jobs).toEqual([]);
  });

  it("ends within the grace though the queue stays down", async () => {
    const worker = harness.start(async () => {}, { engine: { claim: unavailable } });
    await until(() => worker.status().state === "paused");
    const closing = worker.close({ graceMs: 5_000 });
    await harness.clock.advance(5_000);
    expect(await closing).toEqual({ drained: true });
  });

  it("ends soon after the grace though the queue answers neither claims nor renewals", async () => {
    let isHanging = false;
    const claim: Queue["claim"] = (options) => (isHanging ? never() : harness.queue.claim(options));
    await harness.send("a");
    const worker = harness.startHolding({ engine: { claim, renew: never }, leaseMs: 3_000 });
    await until(() => harness.running.size === 1);
    await harness.clock.advance(2_000); // a renewal is under way
    isHanging = true;
    harness.end("a");
    await until(() => harness.running.size === 0);
    let answer: { readonly drained: boolean } | undefined;
    void worker.close({ graceMs: 5_000 }).then((closed) => {
      answer = closed;
    });
    await harness.clock.advance(20_000);
    expect(answer).toEqual({ drained: false });
    expect(worker.status().state).toBe("closed");
  });

  it("tells the queue at once what has been done when it is closed in an outage that is over", async () => {
    let isDown = false;
    const claim: Queue["claim"] = (options) => (isDown ? unavailable() : harness.queue.claim(options));
    await harness.send("a");
    const worker = harness.startHolding({ engine: { claim } });
    await until(() => harness.running.size === 1);
    isDown = true;
    harness.end("a");
    await until(() => worker.status().state === "paused");
    await harness.clock.advance(120_000); // the pauses have become long
    isDown = false;
    expect(await worker.close({ graceMs: 60_000 })).toEqual({ drained: true }); // without any time passing
    expect(await harness.open()).toBe(0);
  });

  it("tries a last time when the grace is over", async () => {
    let isDown = false;
    const claim: Queue["claim"] = (options) => (isDown ? unavailable() : harness.queue.claim(options));
    await harness.send("a");
    const worker = harness.startHolding({ engine: { claim }, random: () => 0.999 });
    await until(() => harness.running.size === 1);
    isDown = true;
    harness.end("a");
    await until(() => worker.status().state === "paused");
    await harness.clock.advance(120_000);
    const closing = worker.close({ graceMs: 5_000 });
    await turns(20); // it has tried, and pauses for longer than the grace
    isDown = false;
    await harness.clock.advance(5_000);
    expect(await closing).toEqual({ drained: true });
    expect(await harness.open()).toBe(0);
  });

  it("closes before it was started, and more than once", async () => {
    const worker = harness.make(async () => {});
    expect(await worker.close({ graceMs: 1_000 })).toEqual({ drained: true });
    expect(await worker.close({ graceMs: 1_000 })).toEqual({ drained: true });
    worker.start();
    expect(worker.status().state).toBe("closed");
  });
});
