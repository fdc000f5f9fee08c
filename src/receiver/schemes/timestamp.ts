import { failed, type Verification, type VerifyContext } from "../verification.ts";

/** How far a signed time may lie from now, in seconds. A time exactly at the limit is accepted. */
export interface Tolerance {
  readonly pastSeconds: number;
  readonly futureSeconds: number;
}

/**
 * How a time is written: whole Unix seconds, milliseconds, whichever of these two its length says, ISO 8601 (without a zone:
 * UTC), or an HTTP date.
 */
export type TimeUnit = "seconds" | "milliseconds" | "seconds-or-milliseconds" | "iso" | "http-date";

/** The default: five minutes back, one minute ahead. */
export const defaultTolerance: Tolerance = { pastSeconds: 300, futureSeconds: 60 };

/**
 * Rejects a signed time that is not in the provider's form or lies outside the tolerance; undefined if it is fine.
 * The strict form matters: `parseInt` and `Number` read rubbish, and a `NaN` passes a naive comparison.
 */
export function checkTimestamp(
  text: string,
  tolerance: Tolerance,
  { now, toleranceSeconds }: VerifyContext,
  unit: TimeUnit = "seconds",
): Verification | undefined {
  const seconds = readTime(text, unit);
  if (seconds === undefined) return failed("timestamp_malformed", `The signed time is not ${unitNames[unit]}.`);
  const age = now - seconds;
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

/** A time in Unix seconds, or undefined if the text is not in the form. */
export function readTime(text: string, unit: TimeUnit): number | undefined {
  switch (unit) {
    case "seconds":
      return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
    case "milliseconds":
      return /^\d{1,15}$/.test(text) ? Number(text) / 1000 : undefined;
    case "seconds-or-milliseconds":
      return readTime(text, text.length > 11 ? "milliseconds" : "seconds");
    case "iso":
      return readIso(text);
    case "http-date":
      return httpDate.test(text) ? finite(Date.parse(text) / 1000) : undefined;
  }
}

/** A time in the provider's form. */
export function writeTime(seconds: number, unit: TimeUnit): string {
  switch (unit) {
    case "seconds":
    case "seconds-or-milliseconds":
      return String(Math.floor(seconds));
    case "milliseconds":
      return String(Math.floor(seconds * 1000));
    case "iso":
      return new Date(seconds * 1000).toISOString();
    case "http-date":
      return new Date(seconds * 1000).toUTCString();
  }
}

const unitNames: Readonly<Record<TimeUnit, string>> = {
  seconds: "a whole number of Unix seconds",
  milliseconds: "a whole number of Unix milliseconds",
  "seconds-or-milliseconds": "a whole number of Unix seconds or milliseconds",
  iso: "a date and time in ISO 8601",
  "http-date": "an HTTP date",
};

const iso = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$/;

/** RFC 9110, section 5.6.7, the one form that may still be written. */
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function readIso(text: string): number | undefined {
  const [, time, fraction = "", zone = "Z"] = iso.exec(text) ?? [];
  if (time === undefined) return undefined;
  const colon = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  return finite(Date.parse(`${time}${colon}`) / 1000 + Number(fraction === "" ? 0 : `0${fraction}`));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  return whole < 7200 ? `${Math.round(whole / 60)} minutes` : `${Math.round(whole / 3600)} hours`;
}
