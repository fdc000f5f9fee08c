import { failed, type Verification, type VerifyContext } from "../verification.ts";

/** How far a signed time may lie from now, in seconds. A time exactly at the limit is accepted. */
export interface Tolerance {
  readonly pastSeconds: number;
  readonly futureSeconds: number;
}

/** The default: five minutes back, one minute ahead. */
export const defaultTolerance: Tolerance = { pastSeconds: 300, futureSeconds: 60 };

/**
 * Rejects a signed time that is not a plain number of Unix seconds or lies outside the tolerance; undefined if it is fine.
 * The strict form matters: `parseInt` and `Number` read rubbish, and a `NaN` passes a naive comparison.
 */
export function checkTimestamp(text: string, tolerance: Tolerance, { now, toleranceSeconds }: VerifyContext): Verification | undefined {
  if (!/^\d{1,12}$/.test(text)) return failed("timestamp_malformed", "The signed time is not a whole number of Unix seconds.");
  const age = now - Number(text);
  const past = toleranceSeconds ?? tolerance.pastSeconds;
  if (age > past) {
    return failed(
      "timestamp_too_old",
      `The signed time is ${duration(age)} behind this machine's clock; the tolerance is ${past} s. Is the clock right, or is this a replay?`,
    );
  }
  const future = Math.min(tolerance.futureSeconds, toleranceSeconds ?? tolerance.futureSeconds);
  if (!(-age <= future)) {
    return failed(
      "timestamp_in_future",
      `The signed time is ${duration(-age)} ahead of this machine's clock; the tolerance is ${future} s. Is the clock right?`,
    );
  }
  return undefined;
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  return whole < 7200 ? `${Math.round(whole / 60)} minutes` : `${Math.round(whole / 3600)} hours`;
}
