import { describe, expect, it } from "@jest/globals";
import type { LeasedJob } from "../../src/queue/queue.ts";
import { until } from "../support/until.ts";
import { newJob } from "./conformance.ts";
import { turns, WorkerHarness } from "./worker-harness.ts";

describe("createWorker", () => {
  const harness = new WorkerHarness();

  it("tries a failed job again after the backoff, and then makes it a dead letter with the reason", async () => {
    await harness.queue.send(newJob("a"));
    const attempts: string[] = [];
    const fail = async ({ attempt }: LeasedJob) => {
      attempts.push(`${attempt} at ${harness.clock.now().getTime() - Date.parse("2026-01-01")}`);
      throw new Error(`failure ${attempt}`);
    };
    harness.start(fail, { maxAttempts: 3 });
    await until(() => attempts.length === 1);
    await turns(10);
    await harness.clock.advance(60_000);
    await until(async () => (await harness.deadLetters()).length === 1);
    expect(attempts).toEqual(["1 at 0", "2 at 2500", "3 at 7500"]);
    expect(await harness.deadLetters()).toMatchObject([{ id: "a", attempts: 3, reason: "Error: failure 3" }]);
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
    await harness.sendMany(thrown.length);
    harness.start(
      async ({ id }) => {
        throw thrown[Number(id.slice(4))];
      },
      { maxAttempts: 1 },
    );
    await until(async () => (await harness.deadLetters()).length === thrown.length);
    const reasons = (await harness.deadLetters()).map(({ reason }) => reason ?? "");
    expect(reasons.slice(0, 3)).toEqual(["undefined", "null", "text"]);
    expect(Math.max(...reasons.map((reason) => reason.length))).toBeLessThan(2_100);
  });

  it("fails a job that throws before it returns a promise", async () => {
    await harness.queue.send(newJob("a"));
    const throwAtOnce = () => {
      throw new Error("at once");
    };
    harness.start(throwAtOnce, { maxAttempts: 1 });
    await until(async () => (await harness.deadLetters()).length === 1);
  });

  it("retries a job though the backoff throws or answers nonsense", async () => {
    await harness.sendMany(2);
    const answers = [Number.NaN, Number.POSITIVE_INFINITY];
    const backoff = () => {
      const answer = answers.pop();
      if (answer === undefined) throw new Error("no backoff");
      return answer;
    };
    const attempts: number[] = [];
    harness.start(
      async ({ attempt }) => {
        attempts.push(attempt);
        throw new Error("x");
      },
      { backoff, maxAttempts: 3 },
    );
    await until(async () => (await harness.deadLetters()).length === 1);
    expect(await harness.open()).toBe(1);
  });

  it("makes a job a dead letter without running it once its last attempt has died with its worker", async () => {
    await harness.queue.send(newJob("a"));
    for (let attempt = 1; attempt <= 2; attempt++) {
      await harness.queue.claim({ limit: 1, leaseMs: 1_000 });
      await harness.clock.advance(1_000);
    }
    let runs = 0;
    harness.start(async () => void runs++, { maxAttempts: 2 });
    await until(async () => (await harness.deadLetters()).length === 1);
    expect(runs).toBe(0);
  });

  it("aborts a job that takes too long, frees its slot and counts the attempt as failed", async () => {
    await harness.sendMany(2);
    harness.startHolding({ concurrency: 1, timeoutMs: 5_000, maxAttempts: 1 });
    await until(() => harness.running.size === 1);
    await harness.clock.advance(5_000);
    expect(harness.running.get("job-0")!.signal.reason).toMatchObject({ code: "handler_timeout" });
    await until(() => harness.running.has("job-1"));
    expect(await harness.deadLetters()).toMatchObject([{ id: "job-0" }]);
  });

  it("keeps a timeout of more than 2^31 milliseconds", async () => {
    await harness.queue.send(newJob("a"));
    harness.startHolding({ timeoutMs: 2 ** 32 });
    await until(() => harness.running.size === 1);
    await harness.clock.advance(60_000);
    expect(harness.running.get("a")!.signal.aborted).toBe(false);
  });
});
