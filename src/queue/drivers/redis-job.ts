import { isUtf8 } from "node:buffer";
import type { LeasedJob, NewJob, StoredJob } from "../queue.ts";

/** A job as it is handed to BullMQ. */
export interface NewBullJob {
  readonly id: string;
  readonly name: string;
  /** JSON. */
  readonly data: string;
  readonly opts: { readonly delay?: number };
  readonly timestamp: number;
}

/** A job as BullMQ gives it back: the members that are used here. */
export interface BullJob {
  readonly name: string;
  readonly data: string;
  readonly timestamp: number;
  readonly attemptsStarted: number;
  readonly attemptsMade: number;
  readonly stalledCounter: number;
  readonly failedReason?: string;
  readonly finishedOn?: number;
}

/** What a lease names: the token of a BullMQ lock, and the attempt that it was taken for, which a release gives back. */
export interface Hold {
  readonly token: string;
  readonly attempt: number;
}

/** The members of a job that BullMQ has no place for. A body that is text is kept as such, so that a person can read it. */
interface JobData {
  readonly head: string;
  readonly body: string;
  readonly encoding?: "base64";
  readonly group?: string;
}

/** A job for BullMQ. A delay that is no more than zero is none. */
export function toBullJob({ id, handler, head, body, dueAt, group }: NewJob, now: number): NewBullJob {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const kept = isUtf8(bytes) ? { body: bytes.toString() } : ({ body: bytes.toString("base64"), encoding: "base64" } as const);
  const data: JobData = { head, ...kept, ...(group ? { group } : {}) };
  const delay = dueAt ? dueAt.getTime() - now : 0;
  return { id: encodeId(id), name: handler, data: JSON.stringify(data), opts: delay > 0 ? { delay } : {}, timestamp: now };
}

/** A job of ours that has been leased; undefined where somebody else put it into the queue. */
export function toLeasedJob(jobId: string, job: BullJob, token: string): LeasedJob | undefined {
  const data = jobId.startsWith(idMark) ? readData(job.data) : undefined;
  if (!data) return undefined;
  const attempt = job.attemptsStarted;
  return { id: decodeId(jobId), handler: job.name, ...data, attempt, crashes: job.stalledCounter, lease: `${token}.${attempt}` };
}

/** A job as an operator sees it; one that is not ours with all its data as the body. */
export function toStoredJob(jobId: string, job: BullJob, dueAt: number): StoredJob {
  const attempts = job.finishedOn === undefined ? job.attemptsStarted : job.attemptsMade;
  return {
    ...{ id: decodeId(jobId), handler: job.name, attempts, dueAt: new Date(dueAt) },
    ...(readData(job.data) ?? { head: "", body: Buffer.from(job.data), group: "" }),
    ...(job.failedReason === undefined ? {} : { reason: job.failedReason }),
    ...(job.finishedOn === undefined ? {} : { deadAt: new Date(job.finishedOn) }),
  };
}

function readData(json: string): Pick<StoredJob, "head" | "body" | "group"> | undefined {
  const { head, body, encoding, group = "" } = parseJson(json) ?? {};
  if (typeof head !== "string" || typeof body !== "string") return undefined;
  return { head, body: Buffer.from(body, encoding ?? "utf8"), group };
}

function parseJson(json: string): Partial<JobData> | null | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // its message would show the data
  }
}

const idMark = "job-";

/**
 * BullMQ takes no integers and no colons as ids, and an id must not be the name of one of its own keys. So ids get a mark, and all
 * but plain characters are written as `~` and the four digits of their UTF-16 unit, which also keeps lone surrogates.
 */
export function encodeId(id: string): string {
  return idMark + id.replace(/[^\w.-]/g, (unit) => `~${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The id that was encoded; an id that is not ours as it is. */
export function decodeId(jobId: string): string {
  if (!jobId.startsWith(idMark)) return jobId;
  return jobId.slice(idMark.length).replace(/~([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Reads a lease, strictly: BullMQ takes the token "0" as leave to do anything. */
export function parseLease(lease: string): Hold | undefined {
  const [, token, attempt] = /^([0-9a-f-]{36}:\d+)\.(\d+)$/.exec(lease) ?? [];
  return token === undefined ? undefined : { token, attempt: Number(attempt) };
}
