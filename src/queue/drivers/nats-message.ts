import { createHash } from "node:crypto";
import { ConfigurationError } from "../../errors.ts";
import type { LeasedJob } from "../queue.ts";

/** What a message holds: a job, and of a dead letter why and when it became one. */
export interface NatsJob extends Pick<LeasedJob, "id" | "handler" | "head" | "body" | "group"> {
  /** Not before this time, in milliseconds. */
  readonly dueAt?: number;
  readonly dead?: NatsDeath;
}

/** The end of a dead letter. */
export interface NatsDeath {
  readonly at: number;
  readonly attempts: number;
  readonly reason: string;
}

/** Part of a message kept free for everything but head and body, so that the largest size of these two is the same for all jobs. */
const labelBytes = 4_096;

/** Largest head and body together that fit a message of so many bytes. */
export function largestJobBytes(largestMessageBytes: number): number {
  return largestMessageBytes - labelBytes;
}

/**
 * A job as the bytes of a message: a line of JSON, then head and body as they are.
 *
 * @throws ConfigurationError `unsupported` where the job is too large.
 */
export function encodeMessage(job: NatsJob, largestMessageBytes: number): Uint8Array {
  const head = Buffer.from(job.head);
  const largest = largestJobBytes(largestMessageBytes);
  if (head.byteLength + job.body.byteLength > largest) {
    throw new ConfigurationError("unsupported", `A job of this NATS queue has at most ${largest} bytes of head and body.`);
  }
  return Buffer.concat([Buffer.from(`${labelOf(job, head.byteLength)}\n`), head, job.body]);
}

/** Reads a message. One that Hookwright did not send becomes a job that no handler takes, so that it ends where an operator sees it. */
export function decodeMessage(data: Uint8Array, sequence: number, largestMessageBytes: number): NatsJob {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const lineEnd = bytes.indexOf("\n");
  const label = readLabel(bytes.toString("utf8", 0, Math.max(0, lineEnd)));
  if (!label) {
    const body = bytes.subarray(0, largestJobBytes(largestMessageBytes));
    return { id: `nats:${sequence}`, handler: "not sent by Hookwright", head: "", body, group: "" };
  }
  const { headBytes, ...members } = label;
  const headEnd = lineEnd + 1 + headBytes;
  return { ...members, head: bytes.toString("utf8", lineEnd + 1, headEnd), body: bytes.subarray(headEnd) };
}

/** An id as one part of a subject: those may not hold everything that an id may. */
export function subjectPart(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

interface Label extends Omit<NatsJob, "head" | "body"> {
  readonly headBytes: number;
}

/** Room for how a job ends: what could be sent once can become a dead letter, though perhaps with less of the reason. */
const deathBytes = 256;
/** Bytes of `\u0000`, the longest that one unit of a string becomes. */
const longestEscape = 6;

function labelOf({ id, handler, group, dueAt, dead }: NatsJob, headBytes: number): string {
  const members = { id, handler, group, headBytes, ...(dueAt === undefined ? {} : { dueAt }) };
  const room = labelBytes - 1 - deathBytes - Buffer.byteLength(JSON.stringify(members));
  if (room < 0) throw new ConfigurationError("unsupported", "The id, handler and group of a job are too long for a NATS message.");
  if (!dead) return JSON.stringify(members);
  return JSON.stringify({
    ...members,
    dead: { ...dead, reason: dead.reason.slice(0, Math.floor((room + deathBytes / 2) / longestEscape)) },
  });
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
