import type { NewJob } from "../../job.ts";

/**
 * A job as the body of one message. AMQP's own headers must fit into a single frame of perhaps 8 kB, so the head of a job cannot
 * travel there; and its properties cut text off at 255 bytes. All numbers are big-endian:
 *
 * | offset | bytes | what |
 * | --- | --- | --- |
 * | 0 | 1 | version of this layout: 1 |
 * | 1 | 8 | due time in Unix milliseconds as a double, 0 for "at once" |
 * | 9 | 4 | claims before this message was published |
 * | 13 | 4 | of them, how many in a row at the end were not settled |
 * | 17 | 16 | lengths of id, handler, head and group |
 * | 33 | | id, handler, head and group in UTF-8, then the body as it is |
 */
const version = 1;
const offsets = { dueAt: 1, attempts: 9, crashes: 13, lengths: 17, texts: 33 } as const;

/** What changes when a job is published anew. */
export interface FrameCounts {
  /** Unix milliseconds; 0 for "at once". */
  readonly dueAtMs: number;
  readonly attempts: number;
  readonly crashes: number;
}

/** The message of a job that has not been claimed yet. Copies the body, so that the sender may use its buffer again. */
export function encodeFrame({ id, handler, head, group = "", body }: NewJob, dueAtMs: number): Buffer {
  const texts = [id, handler, head, group];
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const bodyAt = lengths.reduce((sum, length) => sum + length, offsets.texts);
  const frame = Buffer.allocUnsafe(bodyAt + body.byteLength);
  frame[0] = version;
  writeCounts(frame, { dueAtMs, attempts: 0, crashes: 0 });
  let offset: number = offsets.texts;
  for (const [index, text] of texts.entries()) {
    const length = lengths[index] ?? 0;
    frame.writeUInt32BE(length, offsets.lengths + 4 * index);
    offset += frame.write(text, offset, length, "utf8");
  }
  frame.set(body, bodyAt);
  return frame;
}

/** Whether a message is a job in this layout. */
export function isFrame(message: unknown): message is Buffer {
  if (!Buffer.isBuffer(message) || message.byteLength < offsets.texts || message[0] !== version) return false;
  return bodyOffset(message) <= message.byteLength;
}

/** Due time and counts. */
export function readCounts(frame: Buffer): FrameCounts {
  return { dueAtMs: readDueAt(frame), attempts: frame.readUInt32BE(offsets.attempts), crashes: frame.readUInt32BE(offsets.crashes) };
}

/** When the job is due, in Unix milliseconds; 0 for "at once". */
export function readDueAt(frame: Buffer): number {
  return frame.readDoubleBE(offsets.dueAt);
}

/** The job itself. The body is a copy: the frame must stay as it was, in case it is published anew. */
export function readJob(frame: Buffer): Required<Pick<NewJob, "id" | "handler" | "head" | "group" | "body">> {
  let offset: number = offsets.texts;
  const next = (index: number) => {
    const start = offset;
    offset += frame.readUInt32BE(offsets.lengths + 4 * index);
    return frame.toString("utf8", start, offset);
  };
  return { id: next(0), handler: next(1), head: next(2), group: next(3), body: Buffer.from(frame.subarray(offset)) };
}

/** A copy with another due time and other counts. */
export function withCounts(frame: Buffer, counts: FrameCounts): Buffer {
  const copy = Buffer.from(frame);
  writeCounts(copy, counts);
  return copy;
}

function writeCounts(frame: Buffer, { dueAtMs, attempts, crashes }: FrameCounts): void {
  frame.writeDoubleBE(dueAtMs, offsets.dueAt);
  frame.writeUInt32BE(attempts, offsets.attempts);
  frame.writeUInt32BE(crashes, offsets.crashes);
}

function bodyOffset(frame: Buffer): number {
  let offset: number = offsets.texts;
  for (let index = 0; index < 4; index++) offset += frame.readUInt32BE(offsets.lengths + 4 * index);
  return offset;
}
