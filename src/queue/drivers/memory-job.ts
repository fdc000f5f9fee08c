import type { JobOrdering } from "../../job.ts";
import type { Turn } from "../due-heap.ts";
import type { LeasedJob, LeaseRef } from "../queue.ts";

/** A job in memory. Times are those of a clock that nobody can set. */
export interface MemoryJob extends Turn {
  readonly seq: number;
  readonly id: string;
  readonly handler: string;
  readonly head: string;
  readonly body: Uint8Array;
  readonly group: string;
  readonly ordering: JobOrdering | undefined;
  dueAt: number;
  attempts: number;
  crashes: number;
  /** Counts every hold and every settlement, from anywhere, so that nobody can guess it. */
  lease: number;
  /** Whether it has been handed out and not been settled, though its lease may have run out. */
  isHeld: boolean;
  reason?: string;
  deadAt?: number;
}

/** Hands a job out: counts the attempt, and the crash of a holder who let the lease run out. */
export function leased(job: MemoryJob): LeasedJob {
  if (job.isHeld) job.crashes++;
  job.isHeld = true;
  job.attempts++;
  job.lease++;
  const { id, handler, head, group, crashes, attempts: attempt } = job;
  return { id, handler, head, body: new Uint8Array(job.body), group, attempt, crashes, lease: leaseOf(job) };
}

/** Whether a job, which may be gone, is still held under a lease. */
export function isHeldUnder({ lease }: LeaseRef, job: MemoryJob | undefined): job is MemoryJob {
  return job !== undefined && job.deadAt === undefined && lease === leaseOf(job);
}

function leaseOf({ seq, lease }: MemoryJob): string {
  return `${seq}.${lease}`;
}
