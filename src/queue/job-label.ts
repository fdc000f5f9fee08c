import { ConfigurationError } from "../errors.ts";
import type { LeasedJob } from "./queue.ts";

/** What of a job travels in every message. */
export type LabelledJob = Pick<LeasedJob, "id" | "handler" | "head" | "body" | "group">;

/** What an engine leaves room for. */
export interface MessageRoom {
  /** Name of the engine, for messages: "SQS". */
  readonly engine: string;
  /** Largest head and body together. */
  readonly jobBytes: number;
  /** Largest label, its line end included: kept free in every message, so that `jobBytes` is the same for all jobs. */
  readonly labelBytes: number;
}

/** The members of a label that a driver adds for itself. */
export type LabelMembers = Readonly<Record<string, unknown>>;

/** What stands in every label, before the driver's own members. */
export interface LabelStart extends Pick<LabelledJob, "id" | "handler" | "group"> {
  readonly headBytes: number;
}

/**
 * Refuses a job that is too large, when it is sent first. What has been sent once is not asked again: it fits, and must not be stuck
 * because somebody has made an option smaller since.
 *
 * @throws ConfigurationError `unsupported`.
 */
export function checkJobBytes({ head, body }: Pick<LabelledJob, "head" | "body">, { engine, jobBytes }: MessageRoom): void {
  const bytes = Buffer.byteLength(head) + body.byteLength;
  if (bytes <= jobBytes) return;
  throw new ConfigurationError(
    "unsupported",
    `Head and body of a job are ${bytes} bytes; a message of ${engine} has room for ${jobBytes}.`,
  );
}

/**
 * Refuses a label that leaves less than `growthBytes` of its room, when a job is sent first: its later labels hold larger counts.
 *
 * @throws ConfigurationError `unsupported`.
 */
export function checkLabelBytes(line: string, growthBytes: number, { engine, labelBytes }: MessageRoom): void {
  if (Buffer.byteLength(line) + 1 + growthBytes <= labelBytes) return;
  throw new ConfigurationError("unsupported", `The id, handler and group of a job are too long for a message of ${engine}.`);
}

/** A label with as much of the beginning of a reason as it has room for. */
export function labelWithReason(reason: string, write: (reason: string) => string, { labelBytes }: MessageRoom): string {
  let [fits, tooLong] = [0, reason.length + 1];
  while (tooLong - fits > 1) {
    const length = Math.floor((fits + tooLong) / 2);
    if (Buffer.byteLength(write(reason.slice(0, length))) < labelBytes) fits = length;
    else tooLong = length;
  }
  return write(reason.slice(0, fits));
}

/** What every label begins with. */
export function labelStart({ id, handler, group, head }: LabelledJob): LabelStart {
  return { id, handler, group, headBytes: Buffer.byteLength(head) };
}

/**
 * A job from the line of its label and the bytes of its head and body. `read` checks the members that the driver added. Undefined for
 * what Hookwright did not write.
 */
export function readLabelled<Members>(
  line: string,
  bytes: Buffer,
  read: (members: LabelMembers) => Members | undefined,
): (LabelledJob & Members) | undefined {
  const label = parse(line);
  const members = label && read(label);
  if (!members) return undefined;
  const { id, handler, group, headBytes } = label;
  if (typeof id !== "string" || typeof handler !== "string" || typeof group !== "string") return undefined;
  if (!isCount(headBytes) || headBytes > bytes.byteLength) return undefined;
  return { id, handler, group, ...members, head: bytes.toString("utf8", 0, headBytes), body: bytes.subarray(headBytes) };
}

/** The message of something else as a job that no handler takes: it ends where an operator sees it, and does not come back for ever. */
export function foreignJob(id: string, message: Buffer, { jobBytes }: MessageRoom): LabelledJob {
  return { id, handler: "not sent by Hookwright", head: "", body: message.subarray(0, jobBytes), group: "" };
}

/** Whether a member of a label is a number that can be counted on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parse(line: string): LabelMembers | undefined {
  try {
    const label: unknown = JSON.parse(line);
    return typeof label === "object" && label !== null ? (label as LabelMembers) : undefined;
  } catch {
    return undefined; // a message of something else
  }
}
