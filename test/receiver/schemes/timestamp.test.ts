import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { checkTimestamp, defaultTolerance } from "../../../src/receiver/schemes/timestamp.ts";

const sent = 1_700_000_000;

function code(text: string, now: number, toleranceSeconds?: number): string {
  const failure = checkTimestamp(text, defaultTolerance, { now, ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }) });
  return failure === undefined || failure.verified ? "fine" : failure.code;
}

describe("checkTimestamp", () => {
  it.each([
    [0, "fine"],
    [300, "fine"],
    [300.001, "timestamp_too_old"],
    [301, "timestamp_too_old"],
    [-60, "fine"],
    [-60.001, "timestamp_in_future"],
    [-61, "timestamp_in_future"],
    [Number.NaN, "timestamp_in_future"],
    [Number.POSITIVE_INFINITY, "timestamp_too_old"],
  ])("at an age of %d s is %s", (age, expected) => expect(code(String(sent), sent + age)).toBe(expected));

  it.each([
    [10, 10, "fine"],
    [11, 10, "timestamp_too_old"],
    [-10, 10, "fine"],
    [-11, 10, "timestamp_in_future"],
    [3600, 3600, "fine"],
    [-61, 3600, "timestamp_in_future"],
    [0, Number.NaN, "timestamp_in_future"],
  ])("at an age of %d s with a tolerance of %d s is %s", (age, tolerance, expected) =>
    expect(code(String(sent), sent + age, tolerance)).toBe(expected),
  );

  it.each([
    "",
    " ",
    "abc",
    "1700000000 ",
    " 1700000000",
    "1700000000.0",
    "1.7e9",
    "0x6553f100",
    "+1700000000",
    "-1",
    "1700000000000",
    "1700000000\n",
    "NaN",
    "Infinity",
    "١٧٠٠٠٠٠٠٠٠",
    "1,700,000,000",
    "null",
  ])("refuses %j", (text) => expect(code(text, sent)).toBe("timestamp_malformed"));

  it("lets only plain digits near the time pass", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.integer().map(String)), (text) => {
        if (code(text, sent) === "fine") expect(Math.abs(Number(text) - sent)).toBeLessThanOrEqual(300);
      }),
    );
  });
});
