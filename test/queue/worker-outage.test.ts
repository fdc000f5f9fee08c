import { describe, expect, it } from "@jest/globals";
import { ApplicationError } from "../../src/errors.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { until } from "../support/until.ts";
import { turns, WorkerHarness } from "./worker-harness.ts";

describe("createWorker", () => {
  const harness = new WorkerHarness();
  const unavailable = () => Promise.reject(new ApplicationError("queue_unavailable"));
  const levels = () => harness.logger.lines.map(({ level }) => level);

  it("pauses while the queue is down, burns no attempt, and logs the outage once", async () => {
    let isDown = true;
    const claim: Queue["claim"] = (options) => (isDown ? unavailable() : harness.queue.claim(options));
    await harness.send("a");
    const attempts: number[] = [];
    const worker = harness.start(async ({ attempt }) => void attempts.push(attempt), { engine: { claim } });
    await until(() => worker.status().state === "paused");
    await harness.clock.advance(120_000);
    isDown = false;
    await harness.clock.advance(60_000);
    await until(async () => (await harness.open()) === 0);
    expect(attempts).toEqual([1]);
    expect(levels()).toEqual(["error", "info"]);
  });

  it("asks an engine that is down no more often than every few seconds", async () => {
    let claims = 0;
    const claim: Queue["claim"] = () => {
      claims++;
      return unavailable();
    };
    harness.start(async () => {}, { engine: { claim } });
    await until(() => claims === 1);
    await harness.clock.advance(60 * 60_000);
    expect(claims).toBeGreaterThan(300);
    expect(claims).toBeLessThan(600);
  });

  it("logs one outage though leases can be extended meanwhile", async () => {
    let isDown = false;
    const claim: Queue["claim"] = (options) => (isDown ? unavailable() : harness.queue.claim(options));
    await harness.send("a");
    const worker = harness.startHolding({ engine: { claim }, leaseMs: 3_000, concurrency: 2, timeoutMs: 3_600_000 });
    await until(() => harness.running.size === 1);
    isDown = true;
    await harness.clock.advance(600_000);
    expect(levels()).toEqual(["error"]);
    expect(worker.status().state).toBe("paused");
    isDown = false;
    await harness.clock.advance(60_000);
    expect(levels()).toEqual(["error", "info"]);
    expect(worker.status().state).toBe("working");
  });

  it("logs one outage though jobs can be claimed meanwhile", async () => {
    let isDown = true;
    const renew: Queue["renew"] = (leases, leaseMs) => (isDown ? unavailable() : harness.queue.renew(leases, leaseMs));
    await harness.send("a");
    const worker = harness.startHolding({ engine: { renew }, leaseMs: 600_000, timeoutMs: 3_600_000 });
    await until(() => harness.running.size === 1);
    await harness.clock.advance(400_000);
    expect(levels()).toEqual(["error"]);
    isDown = false;
    await harness.clock.advance(300_000);
    expect(levels()).toEqual(["error", "info"]);
    expect(worker.status().state).toBe("working");
  });

  it("goes on though its logger fails", async () => {
    let isDown = true;
    const claim: Queue["claim"] = (options) => (isDown ? unavailable() : harness.queue.claim(options));
    const fail = () => {
      throw new Error("the disk of the log is full");
    };
    await harness.send("a");
    const worker = harness.start(async () => {}, { engine: { claim }, logger: { debug: fail, info: fail, warn: fail, error: fail } });
    await until(() => worker.status().state === "paused");
    isDown = false;
    await harness.clock.advance(60_000);
    await until(async () => (await harness.open()) === 0);
    expect(await worker.close({ graceMs: 1_000 })).toEqual({ drained: true });
  });

  it("keeps an acknowledgement that the queue did not take, and repeats it", async () => {
    let failures = 2;
    const claim: Queue["claim"] = async (options) => {
      if ((options.settle?.length ?? 0) > 0 && failures-- > 0) throw new ApplicationError("queue_unavailable");
      return harness.queue.claim(options);
    };
    await harness.send("a");
    let runs = 0;
    harness.start(async () => void runs++, { engine: { claim } });
    await until(() => failures === 1);
    await turns(5);
    await harness.clock.advance(30_000);
    await until(async () => (await harness.open()) === 0);
    expect(runs).toBe(1);
  });
});
