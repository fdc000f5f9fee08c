import { describe, expect, test } from "@jest/globals";
import { ApplicationError } from "hookwright";
import { memoryQueue } from "hookwright/testing";
import { TimeLimit } from "../../src/pipeline/time-limit.ts";
import { queueStep, step } from "../support/handlers.ts";
import { harness } from "../support/harness.ts";
import { gate, until } from "../support/until.ts";

const limits = { handlersTimeoutMs: 30 };
const never = (): Promise<void> => new Promise(() => {});

describe("a handler that does not settle in time", () => {
  test("is answered 500 with the code handler_timeout", async () => {
    const { push } = harness({ limits, handlers: [step(never)] });
    expect(await push()).toMatchObject({ status: 500, body: '{"error":"handler_timeout"}' });
  });

  test("is answered 503 with Retry-After where it was storing the delivery", async () => {
    const queue = Object.assign(memoryQueue(), { send: never });
    const { push } = harness({ limits, queue, handlers: [queueStep()] });
    expect(await push()).toMatchObject({ status: 503, body: '{"error":"queue_unavailable"}', headers: { "retry-after": "5" } });
  });

  test("is one log line that names it", async () => {
    const { push, log } = harness({ limits, handlers: [step(never, { name: "Slow" })] });
    await push({ deliveryId: "d-1" });
    expect(log.complaints.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ code: "handler_timeout", handler: "Slow", deliveryId: "d-1" }),
    ]);
  });

  test("has its signal aborted with the reason", async () => {
    let signal: AbortSignal | undefined;
    const { push } = harness({
      limits,
      handlers: [
        step((context) => {
          signal = context.signal;
          return never();
        }),
      ],
    });
    await push();
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBeInstanceOf(ApplicationError);
  });

  test("finds its signal aborted, even where it asks only then", async () => {
    let signal: AbortSignal | undefined;
    const late = gate();
    const { push } = harness({
      limits,
      handlers: [
        step(async (context) => {
          await late.opened;
          signal = context.signal;
        }),
      ],
    });
    await push();
    late.open();
    await until(() => signal !== undefined);
    expect(signal?.aborted).toBe(true);
  });

  test("and then rejects, harms nothing", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const late = gate();
    const { push } = harness({
      limits,
      handlers: [
        step(async () => {
          await late.opened;
          throw new Error("late");
        }),
      ],
    });
    await push();
    late.open();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("and then ends, lets no later handler run", async () => {
    const late = gate();
    const ran: string[] = [];
    const { push } = harness({ limits, handlers: [step(() => late.opened), step(() => void ran.push("later"))] });
    await push();
    late.open();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toEqual([]);
  });
});

describe("the time limit", () => {
  test("is one for all handlers of a delivery", async () => {
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 25));
    const { push } = harness({ limits: { handlersTimeoutMs: 40 }, handlers: [step(pause), step(pause), step(pause)] });
    expect((await push()).status).toBe(500);
  });

  test("does not abort the signal of a run that ended in time", async () => {
    let signal: AbortSignal | undefined;
    const { push } = harness({
      limits,
      handlers: [
        step(async (context) => {
          signal = context.signal;
        }),
      ],
    });
    await push();
    const end = performance.now() + 2 * limits.handlersTimeoutMs;
    await until(() => performance.now() > end);
    expect(signal?.aborted).toBe(false);
  });

  test("that the process stops aborts the signal", async () => {
    let signal: AbortSignal | undefined;
    const stopping = new AbortController();
    const limit = new TimeLimit(1_000, stopping.signal);
    const run = limit.race(
      new Promise<void>((resolve) => {
        signal = limit.signal;
        signal.addEventListener("abort", () => resolve());
      }),
    );
    stopping.abort();
    await run;
    expect(signal?.aborted).toBe(true);
  });
});
