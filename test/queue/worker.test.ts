import { describe, expect, it } from "@jest/globals";
import type { ClaimOptions, Queue } from "../../src/queue/queue.ts";
import { until } from "../support/until.ts";
import { newJob } from "./conformance.ts";
import { turns, WorkerHarness } from "./worker-harness.ts";

describe("createWorker", () => {
  const harness = new WorkerHarness();

  it("processes and acknowledges jobs, those sent before it started and after", async () => {
    await harness.queue.send(newJob("before"));
    const seen: string[] = [];
    harness.start(async ({ id }) => void seen.push(id));
    await until(async () => (await harness.open()) === 0);
    await harness.queue.send(newJob("after"));
    await until(async () => (await harness.open()) === 0);
    expect(seen).toEqual(["before", "after"]);
  });

  it("gives each of 1,000 jobs to one of several workers once", async () => {
    const seen: string[] = [];
    for (let count = 0; count < 4; count++) harness.start(async ({ id }) => void seen.push(id));
    await harness.sendMany(1_000);
    await until(async () => (await harness.open()) === 0);
    expect(seen).toHaveLength(1_000);
    expect(new Set(seen).size).toBe(1_000);
  });

  it("runs no more jobs at once than it may, and holds no more while they are slow", async () => {
    await harness.sendMany(30);
    const worker = harness.startHolding({ concurrency: 3 });
    await until(() => harness.running.size === 3);
    await turns(20);
    expect(worker.status()).toEqual({ state: "working", running: 3, buffered: 0 });
    await harness.clock.advance(1_000);
    harness.running.get("job-0")!.end();
    await until(() => harness.running.has("job-3"));
    await turns(20);
    expect(worker.status()).toEqual({ state: "working", running: 3, buffered: 0 });
  });

  it("holds up to 100 jobs while they are fast, and acknowledges with the next claim", async () => {
    const claims: ClaimOptions[] = [];
    const claim: Queue["claim"] = (options) => {
      claims.push(options);
      return harness.queue.claim(options);
    };
    await harness.sendMany(1_000);
    harness.start(async () => {}, { engine: { claim } });
    await until(async () => (await harness.open()) === 0);
    expect(Math.max(...claims.map(({ limit }) => limit))).toBe(100);
    expect(claims.length).toBeLessThan(60);
  });

  it("runs a job when it becomes due, though nobody calls", async () => {
    await harness.queue.send(newJob("later", { dueAt: new Date(harness.clock.now().getTime() + 400) }));
    const seen: Date[] = [];
    harness.start(async () => void seen.push(harness.clock.now()));
    await turns(10);
    await harness.clock.advance(1_000);
    expect(seen.map((at) => at.toISOString())).toEqual(["2026-01-01T00:00:00.400Z"]);
  });

  it("finds jobs of other processes by polling", async () => {
    const seen: string[] = [];
    harness.start(async ({ id }) => void seen.push(id), { engine: { watch: () => () => {} }, pollMs: 700 });
    await turns(10);
    await harness.queue.send(newJob("a"));
    await turns(10);
    expect(seen).toEqual([]);
    await harness.clock.advance(700);
    await until(() => seen.length === 1);
  });
});
