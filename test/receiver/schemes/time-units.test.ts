import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readTime, type TimeUnit, writeTime } from "../../../src/receiver/schemes/timestamp.ts";

describe("readTime", () => {
  it.each<[TimeUnit, string, number | undefined]>([
    ["seconds", "1700000000", 1_700_000_000],
    ["seconds", "1700000000.5", undefined],
    ["milliseconds", "1700000000123", 1_700_000_000.123],
    ["milliseconds", "1.7e12", undefined],
    ["seconds-or-milliseconds", "1700000000", 1_700_000_000],
    ["seconds-or-milliseconds", "1700000000123", 1_700_000_000.123],
    ["iso", "2023-11-14T22:13:20Z", 1_700_000_000],
    ["iso", "2023-11-14T22:13:20.500Z", 1_700_000_000.5],
    ["iso", "2023-11-14T22:13:20.125000000Z", 1_700_000_000.125],
    ["iso", "2023-11-14T22:13:20", 1_700_000_000],
    ["iso", "2023-11-14T23:13:20+01:00", 1_700_000_000],
    ["iso", "2023-11-14T23:13:20+0100", 1_700_000_000],
    ["iso", "2023-11-14T12:13:20-10:00", 1_700_000_000],
    ["iso", "2023-11-14 22:13:20", undefined],
    ["iso", "2023-13-14T22:13:20Z", undefined],
    ["iso", "2023-11-14", undefined],
    ["http-date", "Tue, 14 Nov 2023 22:13:20 GMT", 1_700_000_000],
    ["http-date", "Tue, 14 Nov 2023 22:13:20 +0000", undefined],
    ["http-date", "1700000000", undefined],
    ["seconds", "", undefined],
    ["milliseconds", "", undefined],
    ["iso", "", undefined],
  ])("reads %s in %j as %p", (unit, text, seconds) => expect(readTime(text, unit)).toBe(seconds));

  it("reads what writeTime writes", () => {
    const units = fc.constantFrom<TimeUnit>("seconds", "milliseconds", "seconds-or-milliseconds", "iso", "http-date");
    fc.assert(
      fc.property(units, fc.integer({ min: 100_000_000, max: 4_000_000_000 }), (unit, at) => readTime(writeTime(at, unit), unit) === at),
    );
  });
});
