import { describe, expect, it } from "@jest/globals";
import { exponentialBackoff } from "../../src/queue/backoff.ts";

describe("exponentialBackoff", () => {
  const attempts = [1, 2, 3, 4, 5];

  it("doubles the bound with each attempt", () => {
    const backoff = exponentialBackoff({ random: () => 0.999_999_999 });
    expect(attempts.map((attempt) => Math.round(backoff(attempt) / 1_000))).toEqual([5, 10, 20, 40, 80]);
  });

  it("takes any part of the bound, nothing included", () => {
    expect(attempts.map(exponentialBackoff({ random: () => 0 }))).toEqual([0, 0, 0, 0, 0]);
    expect(exponentialBackoff({ random: () => 0.5 })(1)).toBe(2_500);
  });

  it("never exceeds the cap, after any number of attempts", () => {
    const backoff = exponentialBackoff({ baseMs: 1_000, capMs: 60_000, random: () => 0.999_999_999 });
    for (const attempt of [7, 50, 1_000, 5_000]) expect(backoff(attempt)).toBe(59_999);
  });

  it("stays a number after any number of attempts, though its base is 0", () => {
    expect(exponentialBackoff({ baseMs: 0 })(5_000)).toBe(0);
    expect(exponentialBackoff({ capMs: Number.POSITIVE_INFINITY, random: () => 0 })(5_000)).toBe(0);
  });
});
