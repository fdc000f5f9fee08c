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

/** What a message says of its job: what was sent, and what had come of it when the message was last written. */
export interface JobFrame extends LabelledJob {
  /** How often the job had been claimed, without what was given back. */
  readonly attempts: number;
  /** Leases in a row that had run out. */
  readonly crashes: number;
  /** How often the service had handed the message out; its own count never goes back. */
  readonly dequeued: number;
  /** Why the last attempt failed: for whoever looks at the queue with the service's tools. */
  readonly reason?: string;
}

/** As base64, label, head and body stay below the 65,536 bytes of a message. */
export const messageRoom: MessageRoom = { engine: "Azure Storage Queue", jobBytes: 48_000, labelBytes: 1_024 };

/** Room for the three counts at their widest and an empty reason: what could be sent can also be written again. */
const growthBytes = 64;

/**
 * Refuses a job that does not fit a message.
 *
 * @throws ConfigurationError `unsupported`.
 */
export function checkFirst(frame: JobFrame): void {
  checkJobBytes(frame, messageRoom);
  checkLabelBytes(labelOf(frame), growthBytes, messageRoom);
}

/**
 * The text of a message: base64 of one line of JSON, the head and the body. Base64 costs a third, and alone keeps any byte
 * through the service's XML.
 */
export function encodeFrame({ reason, ...frame }: JobFrame): string {
  const line = reason === undefined ? labelOf(frame) : labelWithReason(reason, (text) => labelOf({ ...frame, reason: text }), messageRoom);
  return Buffer.concat([Buffer.from(`${line}\n`), Buffer.from(frame.head), frame.body]).toString("base64");
}

/** Reads a message. That of another program becomes a job that no handler takes. */
export function decodeFrame(text: string, messageId: string): JobFrame {
  const bytes = Buffer.from(text, "base64");
  const lineEnd = Math.max(0, bytes.indexOf("\n"));
  const frame = readLabelled(bytes.toString("utf8", 0, lineEnd), bytes.subarray(lineEnd + 1), readMembers);
  return frame ?? { ...foreignJob(`azure:${messageId}`, Buffer.from(text), messageRoom), attempts: 0, crashes: 0, dequeued: 0 };
}

function labelOf({ attempts, crashes, dequeued, reason, ...job }: JobFrame): string {
  return JSON.stringify({ ...labelStart(job), attempts, crashes, dequeued, reason });
}

function readMembers({ attempts, crashes, dequeued }: LabelMembers): Pick<JobFrame, "attempts" | "crashes" | "dequeued"> | undefined {
  return isCount(attempts) && isCount(crashes) && isCount(dequeued) ? { attempts, crashes, dequeued } : undefined;
}
