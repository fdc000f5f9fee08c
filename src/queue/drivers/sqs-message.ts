import {
  checkJobBytes,
  checkLabelBytes,
  foreignJob,
  isCount,
  type LabelledJob,
  type LabelMembers,
  labelStart,
  labelWithReason,
  type MessageRoom,
  readLabelled,
} from "../job-label.ts";
import type { NewJob } from "../queue.ts";

/** What travels with a job from message to message. */
export interface SqsJob extends LabelledJob {
  /** How often it had been claimed when this message was sent. */
  readonly attempts: number;
  /** How many holders in a row had let their lease run out by then. */
  readonly crashes: number;
  /** Not before this time, in Unix milliseconds; given where that is further away than SQS can hold a message back. */
  readonly dueAt?: number;
  /** Why the last attempt failed. */
  readonly reason?: string;
}

/** What a message of so many bytes has room for: head and body travel as base64, four bytes for three. */
export function roomOf(largestMessageBytes: number): MessageRoom {
  return { engine: "SQS", labelBytes, jobBytes: Math.floor((largestMessageBytes - labelBytes) / 4) * 3 };
}

const labelBytes = 4_096;

/** The job of a first message. */
export function firstJob({ id, handler, head, body, group = "" }: NewJob): SqsJob {
  return { id, handler, head, body, group, attempts: 0, crashes: 0 };
}

/**
 * Refuses a job that does not fit a message, or would not when it comes again.
 *
 * @throws ConfigurationError `unsupported`.
 */
export function checkFirst(job: SqsJob, room: MessageRoom): void {
  checkJobBytes(job, room);
  checkLabelBytes(labelOf(job), growthBytes, room);
}

/** Room for later counts, a due time and an empty reason. */
const growthBytes = 80;

/**
 * A job as the text of a message: a line of JSON that a person can read in a console, then head and body as base64. All of it is ASCII,
 * because SQS refuses some characters and counts bytes.
 */
export function encodeMessage({ reason, ...job }: SqsJob, room: MessageRoom): string {
  const line = reason === undefined ? labelOf(job) : labelWithReason(reason, (text) => labelOf({ ...job, reason: text }), room);
  return `${line}\n${Buffer.concat([Buffer.from(job.head), job.body]).toString("base64")}`;
}

/** Reads a message. One that Hookwright did not send becomes a job that no handler takes. */
export function decodeMessage(text: string, messageId: string, room: MessageRoom): SqsJob {
  const lineEnd = Math.max(0, text.indexOf("\n"));
  const job = readLabelled(text.slice(0, lineEnd), Buffer.from(text.slice(lineEnd + 1), "base64"), readMembers);
  return job ?? { ...foreignJob(`sqs:${messageId}`, Buffer.from(text), room), attempts: 0, crashes: 0 };
}

function labelOf({ attempts, crashes, dueAt, reason, ...job }: SqsJob): string {
  return asciiJson({ ...labelStart(job), attempts, crashes, dueAt, reason });
}

function readMembers({
  attempts,
  crashes,
  dueAt,
  reason,
}: LabelMembers): Pick<SqsJob, "attempts" | "crashes" | "dueAt" | "reason"> | undefined {
  if (!isCount(attempts) || !isCount(crashes) || !(dueAt === undefined || isCount(dueAt))) return undefined;
  return { attempts, crashes, ...(dueAt === undefined ? {} : { dueAt }), ...(typeof reason === "string" ? { reason } : {}) };
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
