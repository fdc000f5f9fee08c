import { ConfigurationError } from "../../errors.ts";

/** What a message says of its job: what was sent, and what had come of it when the message was last written. */
export interface JobFrame {
  readonly id: string;
  readonly handler: string;
  readonly group: string;
  readonly head: string;
  readonly body: Uint8Array;
  /** How often the job had been claimed, without what was given back. */
  readonly attempts: number;
  /** Leases in a row that had run out. */
  readonly crashes: number;
  /** How often the service had handed the message out; its own count never goes back. */
  readonly dequeued: number;
  /** Why the last attempt failed: for whoever looks at the queue with the service's tools. */
  readonly reason?: string;
}

/** Largest head and body together. As base64, with what stands beside them, they stay below the 65,536 bytes of a message. */
export const largestPayloadBytes = 48_000;

/** Room for all but head and body. */
const largestPreambleBytes = 1_024;

/** Characters kept of a reason, where there is room. */
const longestReason = 300;

/**
 * The text of a message: base64 of one line of JSON, the head and the body. Base64 costs a third, and alone keeps any byte
 * through the service's XML.
 *
 * @throws ConfigurationError `unsupported` where it is too large.
 */
export function encodeFrame(frame: JobFrame): string {
  const head = Buffer.from(frame.head);
  const payloadBytes = head.byteLength + frame.body.byteLength;
  if (payloadBytes > largestPayloadBytes)
    throw new ConfigurationError(
      "unsupported",
      `Head and body of a job are ${payloadBytes} bytes; a message of Azure Storage Queue has room for ${largestPayloadBytes}.`,
    );
  return Buffer.concat([preambleOf(frame, head.byteLength), head, frame.body]).toString("base64");
}

/** What {@link encodeFrame} wrote; undefined for the message of another program. */
export function decodeFrame(text: string): JobFrame | undefined {
  const bytes = Buffer.from(text, "base64");
  const end = bytes.indexOf("\n");
  const preamble = end < 0 ? undefined : parsePreamble(bytes.toString("utf8", 0, end));
  if (!preamble) return undefined;
  const { head: headBytes, ...rest } = preamble;
  const bodyStart = end + 1 + headBytes;
  return { ...rest, head: bytes.toString("utf8", end + 1, bodyStart), body: bytes.subarray(bodyStart) };
}

type Preamble = Omit<JobFrame, "head" | "body"> & { readonly head: number };

/** Room is reserved for the counts at their widest: what could be sent can also be written again. */
function preambleOf({ id, handler, group, attempts, crashes, dequeued, reason }: JobFrame, head: number): Buffer {
  const widest = { attempts: Number.MAX_SAFE_INTEGER, crashes: Number.MAX_SAFE_INTEGER, dequeued: Number.MAX_SAFE_INTEGER };
  if (line({ id, handler, group, head, ...widest }).byteLength > largestPreambleBytes)
    throw new ConfigurationError("unsupported", "Id, handler and group of a job are too long for a message of Azure Storage Queue.");
  const preamble = { id, handler, group, head, attempts, crashes, dequeued };
  if (reason === undefined) return line(preamble);
  const withReason = line({ ...preamble, reason: reason.slice(0, longestReason) });
  return withReason.byteLength <= largestPreambleBytes ? withReason : line(preamble);
}

function line(preamble: Preamble): Buffer {
  return Buffer.from(`${JSON.stringify(preamble)}\n`);
}

function parsePreamble(text: string): Preamble | undefined {
  try {
    const { id, handler, group, attempts, crashes, dequeued, head } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof id !== "string" || typeof handler !== "string" || typeof group !== "string") return undefined;
    if (!isCount(attempts) || !isCount(crashes) || !isCount(dequeued) || !isCount(head)) return undefined;
    return { id, handler, group, attempts, crashes, dequeued, head };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
