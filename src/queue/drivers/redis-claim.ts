import { randomUUID } from "node:crypto";
import type { ClaimOptions, ClaimResult, LeasedJob } from "../queue.ts";
import { type BullBackend, type BullClaim, type RedisEngine, sweepMs } from "./redis-engine.ts";
import { toLeasedJob } from "./redis-job.ts";

/** What a claim gave, and whether it was all that was asked for. */
export type ClaimedJobs = Omit<ClaimResult, "lost"> & { readonly isFull: boolean };

/**
 * Leases due jobs. BullMQ's script hands out one job a call, so that a claim is many calls on one journey. How many jobs wait is
 * known only from the last claim: if that was full, as many calls are made as jobs are wanted; if not, the first journey brings
 * one job and the number that wait, and a second one those.
 */
export class RedisClaims {
  /** Tells this queue's holds from those of all others. */
  readonly #owner = randomUUID();
  #count = 0;
  #wasFull = false;
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** Makes its first calls before it returns, so that they come after those that the caller has made. */
  async take(engine: RedisEngine, { limit, leaseMs }: ClaimOptions, now: number): Promise<ClaimedJobs> {
    const backend = engine.backendFor(leaseMs);
    const token = `${this.#owner}:${++this.#count}`;
    const sweeping = this.#sweep(backend, leaseMs, now);
    const claims = await (this.#wasFull ? claimAtOnce(backend, token, limit, sweeping) : claimCounted(backend, token, limit, sweeping));
    const found = claims.filter(([job]) => job);
    this.#wasFull = found.length >= limit;
    const jobs = await Promise.all(found.map((claim) => readJob(backend, claim, token)));
    const nextDueAt = claims.map(([, , , time]) => Number(time ?? 0)).find((time) => time > 0);
    return {
      jobs: jobs.filter((job) => job !== undefined),
      isFull: this.#wasFull,
      ...(nextDueAt === undefined ? {} : { nextDueAt: new Date(nextDueAt) }),
    };
  }

  /** Has BullMQ look for jobs whose lock has run out. It does so once in a while, whichever process asks. */
  #sweep(backend: BullBackend, leaseMs: number, now: number): readonly Promise<unknown>[] {
    if (Math.abs(now - this.#sweptAt) < sweepMs(leaseMs)) return [];
    this.#sweptAt = now;
    return [backend.moveStalledJobsToWait()];
  }
}

/** Claims one job, and then as many more as there are, and once in vain: that call tells when the next is due. */
async function claimCounted(
  backend: BullBackend,
  token: string,
  limit: number,
  besides: readonly Promise<unknown>[],
): Promise<BullClaim[]> {
  let waiting = 0;
  const claiming = claimAtOnce(backend, token, 1, besides);
  const counting = backend.getCounts(["wait", "prioritized"]).then((counts) => {
    waiting = counts.reduce((total, count) => total + count, 0);
  });
  const [claims] = await Promise.all([claiming, counting.catch(() => {})]);
  if (!claims[0]?.[0]) return claims;
  return [...claims, ...(await claimAtOnce(backend, token, Math.min(limit - 1, waiting + 1), []).catch(() => []))];
}

/** A connection that breaks on the way must not cost the jobs that have come: they are leased already. */
async function claimAtOnce(backend: BullBackend, token: string, count: number, besides: readonly Promise<unknown>[]): Promise<BullClaim[]> {
  const results = await Promise.allSettled([...Array.from({ length: count }, () => backend.moveToActive(token)), ...besides]);
  const claims = results.slice(0, count).flatMap((result) => (result.status === "fulfilled" ? [result.value as BullClaim] : []));
  const failed = results.find((result) => result.status === "rejected");
  if (failed && !claims.some(([job]) => job)) throw failed.reason;
  return claims;
}

/** A job that somebody else put into the queue could never be done: it goes to the dead letters, where it is seen. */
async function readJob(backend: BullBackend, [bullJob, jobId]: BullClaim, token: string): Promise<LeasedJob | undefined> {
  if (!bullJob || !jobId) return undefined;
  const job = toLeasedJob(jobId, bullJob, token);
  if (job) return job;
  const reason = "Not sent by Hookwright.";
  const args = backend.moveToFailedArgs({ id: jobId, opts: { attempts: 1 } }, reason, false, token, false);
  await backend.moveToFinished(jobId, args).catch(() => {}); // then it comes again, and the others are not lost
  return undefined;
}
