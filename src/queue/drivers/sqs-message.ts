import { ConfigurationError } from "../../errors.ts";
import type { LeasedJob, NewJob } from "../queue.ts";

/** What travels with a job from message to message. */
export interface SqsJob extends Pick<LeasedJob, "id" | "handler" | "head" | "body" | "group"> {
  /** How often it had been claimed when this message was sent. */
  readonly attempts: number;
  /** How many holders in a row had let their lease run out by then. */
  readonly crashes: number;
  /** Why the last attempt failed. */
  readonly reason?: string;
}

/** Part of a message kept free for everything but head and body, so that the largest size of these two is the same for all jobs. */
const labelBytes = 4_096;

/** Largest head and body together that fit a message of so many bytes: they travel as base64, four bytes for three. */
export function largestJobBytes(largestMessageBytes: number): number {
  return Math.floor((largestMessageBytes - labelBytes) / 4) * 3;
}

/**
 * A job as the text of a message: a line of JSON that a person can read in a console, then head and body as base64. All of it is ASCII,
 * because SQS refuses some characters and counts bytes.
 *
 * @throws ConfigurationError `unsupported` where the job is too large.
 */
export function encodeMessage(job: SqsJob, largestMessageBytes: number): string {
  const head = Buffer.from(job.head);
  const largest = largestJobBytes(largestMessageBytes);
  if (head.byteLength + job.body.byteLength > largest) {
    throw new ConfigurationError("unsupported", `A job of this SQS queue has at most ${largest} bytes of head and body.`);
  }
  return `${labelOf(job, head.byteLength)}\n${Buffer.concat([head, job.body]).toString("base64")}`;
}

/** Reads a message. One that Hookwright did not send becomes a job that no handler takes, so that it ends where an operator sees it. */
export function decodeMessage(text: string, messageId: string, largestMessageBytes: number): SqsJob {
  const lineEnd = text.indexOf("\n");
  const label = readLabel(text.slice(0, Math.max(0, lineEnd)));
  if (!label) return foreignJob(text, messageId, largestMessageBytes);
  const { headBytes, ...members } = label;
  const bytes = Buffer.from(text.slice(lineEnd + 1), "base64");
  return { ...members, head: bytes.toString("utf8", 0, headBytes), body: bytes.subarray(headBytes) };
}

/** The job of a first message. */
export function firstJob({ id, handler, head, body, group = "" }: NewJob): SqsJob {
  return { id, handler, head, body, group, attempts: 0, crashes: 0 };
}

interface Label extends Omit<SqsJob, "head" | "body"> {
  readonly headBytes: number;
}

function labelOf({ id, handler, group, attempts, crashes, reason }: SqsJob, headBytes: number): string {
  const withReason = (text: string | undefined) =>
    asciiJson({ id, handler, group, attempts, crashes, headBytes, ...(text === undefined ? {} : { reason: text }) });
  const room = labelBytes - 1 - withReason("").length;
  const isFirst = attempts === 0;
  if (isFirst && room < growthBytes) {
    throw new ConfigurationError("unsupported", "The id, handler and group of a job are too long for an SQS message.");
  }
  return withReason(reason?.slice(0, Math.max(0, Math.floor(room / longestEscape))));
}

/** Room for the digits of later counts: what could be sent once can be sent again. */
const growthBytes = 32;
/** Length of `\uffff`. */
const longestEscape = 6;

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function readLabel(line: string): Label | undefined {
  try {
    const label = JSON.parse(line) as Partial<Label> | null;
    return typeof label?.id === "string" && typeof label.handler === "string" && typeof label.headBytes === "number"
      ? (label as Label)
      : undefined;
  } catch {
    return undefined;
  }
}

function foreignJob(text: string, messageId: string, largestMessageBytes: number): SqsJob {
  const body = Buffer.from(text).subarray(0, largestJobBytes(largestMessageBytes));
  return { id: `sqs:${messageId}`, handler: "not sent by Hookwright", head: "", body, group: "", attempts: 0, crashes: 0 };
}
