import { describeError } from "../errors.ts";
import type { Backoff } from "./backoff.ts";
import type { AttemptResult } from "./job-runs.ts";
import type { LeasedJob, Settlement } from "./queue.ts";

/** How failed attempts are treated. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  /** Longest wait that the queue's engine can do. Default: any. */
  readonly longestDelayMs?: number;
}

const longestWaitMs = 100 * 365 * 24 * 60 * 60 * 1_000;

/** How the lease of a job ends, given what its attempt came to. */
export function settlementFor({ id, lease, attempt }: LeasedJob, result: AttemptResult, policy: RetryPolicy, now: Date): Settlement {
  if (result.outcome === "done") return { id, lease, outcome: "acknowledge" };
  const reason = describeError(result.thrown);
  if (attempt >= policy.maxAttempts) return { id, lease, outcome: "dead", reason };
  const dueAt = new Date(now.getTime() + Math.min(waitMs(policy.backoff, attempt), policy.longestDelayMs ?? longestWaitMs));
  return { id, lease, outcome: "retry", dueAt, reason };
}

/**
 * The end of a job that was claimed once more than it may be, or nothing. An attempt that nobody settled ended with its
 * process, and perhaps ended the process: it must not do so for ever.
 */
export function settlementAtClaim({ id, lease, attempt }: LeasedJob, { maxAttempts }: RetryPolicy): Settlement | undefined {
  if (attempt <= maxAttempts) return undefined;
  return { id, lease, outcome: "dead", reason: `No worker lived to settle the last of ${maxAttempts} attempts.` };
}

/**
 * Whether a job may be what ends its workers. It is then run alone, so that the jobs held beside it are not counted down with
 * it: a process that dies takes an attempt from everything that it holds.
 */
export function isSuspect({ crashes, attempt }: LeasedJob, { maxAttempts }: Pick<RetryPolicy, "maxAttempts">): boolean {
  return crashes >= 2 || (crashes === 1 && attempt >= maxAttempts);
}

/** A backoff is user code: whatever it gives or throws, the job is retried. */
function waitMs(backoff: Backoff, attempt: number): number {
  try {
    const ms = backoff(attempt);
    return ms >= 0 ? Math.min(ms, longestWaitMs) : 0;
  } catch {
    return 0;
  }
}
