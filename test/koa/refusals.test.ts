import { describe, expect, jest, test } from "@jest/globals";
import { RefusalLog, refusalAnswer, retryAfter } from "../../src/koa/refusals.ts";
import { afterThisTest } from "../support/harness.ts";
import { RecordingLogger } from "../support/recording-logger.ts";

function logInFakeTime() {
  jest.useFakeTimers();
  afterThisTest(async () => void jest.useRealTimers());
  const logger = new RecordingLogger();
  const counts = (): readonly unknown[] => logger.lines.map(({ level, fields }) => [level, fields["refused"]]);
  return { refusals: new RefusalLog(logger), logger, counts };
}

describe("the log of refusals", () => {
  test("has a line at once, one every five seconds with their number, and one when they have ended", () => {
    const { refusals, counts } = logInFakeTime();
    for (let one = 0; one < 1_000; one++) refusals.add("requests");
    expect(counts()).toEqual([["warn", undefined]]);
    jest.advanceTimersByTime(5_000);
    expect(counts()).toEqual([
      ["warn", undefined],
      ["warn", 999],
    ]);
    for (let one = 0; one < 10; one++) refusals.add("processor");
    jest.advanceTimersByTime(10_000);
    expect(counts().slice(2)).toEqual([
      ["warn", 10],
      ["info", 1_010],
    ]);
  });

  test("leaves no timer behind, and begins anew", () => {
    const { refusals, counts } = logInFakeTime();
    refusals.add("bytes");
    jest.advanceTimersByTime(5_000);
    expect(jest.getTimerCount()).toBe(0);
    refusals.add("bytes");
    expect(counts()).toEqual([
      ["warn", undefined],
      ["info", 1],
      ["warn", undefined],
    ]);
  });

  test("says what there was too little of", () => {
    const { refusals, logger } = logInFakeTime();
    refusals.add("processor");
    expect(logger.lines[0]).toMatchObject({ fields: { status: 503, code: "overloaded" }, message: expect.stringContaining("processor") });
  });
});

test("Retry-After is five to eight seconds, by chance", () => {
  expect([0, 0.3, 0.6, 0.999].map((chance) => retryAfter(() => chance)["retry-after"])).toEqual(["5", "6", "7", "8"]);
  expect(refusalAnswer()).toMatchObject({
    status: 503,
    headers: { "retry-after": expect.stringMatching(/^[5-8]$/), "content-type": "application/json; charset=utf-8" },
    body: '{"error":"overloaded"}',
  });
});
