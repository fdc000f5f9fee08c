import { createHash } from "node:crypto";
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

/** What a message holds: a job, and of a dead letter why and when it became one. */
export interface NatsJob extends LabelledJob {
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

/** Part of a message kept free for everything but head and body: the label, and the client's headers, which count too. */
const reservedBytes = 4_096;
const headerBytes = 64;

/** What a message of so many bytes has room for. */
export function roomOf(largestMessageBytes: number): MessageRoom {
  return { engine: "NATS", labelBytes: reservedBytes - headerBytes, jobBytes: largestMessageBytes - reservedBytes };
}

/**
 * Refuses a job that does not fit a message, or would not as a dead letter.
 *
 * @throws ConfigurationError `unsupported`.
 */
export function checkFirst(job: NatsJob, room: MessageRoom): void {
  checkJobBytes(job, room);
  checkLabelBytes(labelOf(job), deathBytes, room);
}

/** Room for how a job ends, with a little of the reason. */
const deathBytes = 192;

/** A job as the bytes of a message: a line of JSON, then head and body as they are. */
export function encodeMessage(job: NatsJob, room: MessageRoom): Uint8Array {
  const { dead } = job;
  const line = dead ? labelWithReason(dead.reason, (reason) => labelOf({ ...job, dead: { ...dead, reason } }), room) : labelOf(job);
  return Buffer.concat([Buffer.from(`${line}\n`), Buffer.from(job.head), job.body]);
}

/** Reads a message. One that Hookwright did not send becomes a job that no handler takes. */
export function decodeMessage(data: Uint8Array, sequence: number, room: MessageRoom): NatsJob {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const lineEnd = Math.max(0, bytes.indexOf("\n"));
  const job = readLabelled(bytes.toString("utf8", 0, lineEnd), bytes.subarray(lineEnd + 1), readMembers);
  return job ?? foreignJob(`nats:${sequence}`, bytes, room);
}

/** An id as one part of a subject: those may not hold everything that an id may. */
export function subjectPart(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

function labelOf({ dueAt, dead, ...job }: NatsJob): string {
  return JSON.stringify({ ...labelStart(job), dueAt, dead });
}

function readMembers({ dueAt, dead }: LabelMembers): Pick<NatsJob, "dueAt" | "dead"> | undefined {
  if (dueAt !== undefined && !Number.isFinite(dueAt)) return undefined;
  if (dead !== undefined && !isDeath(dead)) return undefined;
  return { ...(dueAt === undefined ? {} : { dueAt: dueAt as number }), ...(dead === undefined ? {} : { dead }) };
}

function isDeath(value: unknown): value is NatsDeath {
  const { at, attempts, reason } = Object(value) as Partial<Record<keyof NatsDeath, unknown>>;
  return isCount(at) && isCount(attempts) && typeof reason === "string";
}
