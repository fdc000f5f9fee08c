import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { type Clock, elapsedMs } from "../clock.ts";
import { ApplicationError } from "../errors.ts";
import type { LogFields, Logger } from "../logger.ts";
import { type Backoff, exponentialBackoff } from "./backoff.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { ClaimSize } from "./claim-size.ts";
import { Holdings } from "./holdings.ts";
import { type AttemptResult, JobRuns, type ProcessJob } from "./job-runs.ts";
import { Outage } from "./outage.ts";
import type { LeasedJob, LeaseRef, Queue, Settlement } from "./queue.ts";
import { isSuspect, settlementAtClaim, settlementFor } from "./settlement.ts";
import { sleepFor, Wake } from "./wake.ts";

/** What a worker needs. */
export interface WorkerOptions {
  readonly queue: Queue;
  readonly process: ProcessJob;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A number from 0 to below 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Jobs run at once. Default 10. */
  readonly concurrency?: number;
  /** How long a job stays ours after we last said so; it is said three times as often. Default 60,000. */
  readonly leaseMs?: number;
  /** Attempts before a job becomes a dead letter. Default 10. */
  readonly maxAttempts?: number;
  /** Longest run of one job. Default 300,000. */
  readonly timeoutMs?: number;
  /** Wait after a failed attempt. Default: {@link exponentialBackoff}. */
  readonly backoff?: Backoff;
  /** How often to look for jobs that another process sent. Default 1,000. */
  readonly pollMs?: number;
  /** How many jobs of a group this worker runs at once. Default: as many as of any other. */
  readonly concurrencyOf?: (group: string) => number;
}

/** How a worker is doing. */
export interface WorkerStatus {
  /** `paused` while the engine does not answer. */
  readonly state: "stopped" | "working" | "paused" | "closing" | "closed";
  /** Jobs whose handler runs. */
  readonly running: number;
  /** Jobs that are held and have not begun. */
  readonly buffered: number;
}

/** Takes jobs from a queue and has them processed. */
export interface QueueWorker {
  /** Begins to claim. Calling it again, or after `close`, does nothing. */
  start(): void;
  /**
   * Stops claiming, gives back what has not begun, and waits for what runs, at most `graceMs`; what then still runs has its
   * signal aborted and its lease left to run out. `drained` says that everything was finished and recorded.
   */
  close(options: { readonly graceMs: number }): Promise<{ readonly drained: boolean }>;
  status(): WorkerStatus;
}

const defaults = {
  concurrency: 10,
  leaseMs: 60_000,
  maxAttempts: 10,
  timeoutMs: 300_000,
  pollMs: 1_000,
  concurrencyOf: () => Number.POSITIVE_INFINITY,
};

/** Makes a worker. It does nothing before `start`, and keeps timers until `close`. */
export function createWorker(options: WorkerOptions): QueueWorker {
  return new Worker(options);
}

class Worker implements QueueWorker {
  readonly #options: Required<WorkerOptions>;
  readonly #runs: JobRuns;
  readonly #size: ClaimSize;
  readonly #outage: Outage;
  readonly #wake = new Wake();
  readonly #graceOver = new AbortController();
  readonly #end = new AbortController();
  readonly #holdings: Holdings;
  readonly #longestDelayMs: number;
  /** A job that has perhaps ended the processes that held it: nothing else is held while it runs. */
  #suspect: LeasedJob | undefined;
  /** Ends of leases that the queue has not been told yet; those that name a time, with how steady time stood when they did. */
  #settlements: (Settlement & { readonly decidedAt?: number })[] = [];
  /** When there may be something to claim. */
  #claimAt = 0;
  #loops: Promise<unknown> | undefined;
  #closing: Promise<{ readonly drained: boolean }> | undefined;

  constructor(options: WorkerOptions) {
    const random = options.random ?? Math.random;
    this.#options = { ...defaults, random, backoff: exponentialBackoff({ random }), ...options };
    const { process, clock, timeoutMs, logger, concurrency, concurrencyOf, queue } = this.#options;
    this.#runs = new JobRuns({ process, clock, timeoutMs, onEnd: (job, tookMs, result) => this.#onEnd(job, tookMs, result) });
    this.#size = new ClaimSize(concurrency);
    this.#outage = new Outage({ logger, clock, random });
    const { exceptions, longestDelayMs } = capabilitiesOf(queue);
    this.#longestDelayMs = longestDelayMs;
    this.#holdings = new Holdings({ concurrencyOf, canExcept: exceptions });
  }

  start(): void {
    if (this.#loops || this.#closing) return;
    const stopWatching = this.#options.queue.watch(() => this.#claimSoon());
    this.#loops = Promise.all([this.#claimLoop().finally(stopWatching), this.#renewLoop(), this.#timeoutLoop()]);
  }

  close({ graceMs }: { readonly graceMs: number }): Promise<{ readonly drained: boolean }> {
    this.#closing ??= this.#drain(graceMs);
    return this.#closing;
  }

  status(): WorkerStatus {
    return { state: this.#state(), running: this.#runs.size, buffered: this.#holdings.buffered.length + (this.#suspect ? 1 : 0) };
  }

  #state(): WorkerStatus["state"] {
    if (this.#end.signal.aborted) return "closed";
    if (this.#closing) return "closing";
    if (!this.#loops) return "stopped";
    return this.#outage.isOn ? "paused" : "working";
  }

  async #drain(graceMs: number): Promise<{ readonly drained: boolean }> {
    const { clock } = this.#options;
    this.#release(this.#takeBack());
    if (!this.#loops) this.#end.abort();
    let abandoned = 0;
    const grace = sleepFor(clock, graceMs, this.#end.signal).then((isOver) => {
      if (!isOver) return;
      abandoned = this.#runs.abandon(new ApplicationError("draining", "The worker was closed before the job had ended."));
      this.#graceOver.abort();
      this.#wake.set();
    });
    await Promise.all([grace, this.#loops]);
    return { drained: abandoned === 0 && this.#settlements.length === 0 };
  }

  /** Everything that is held and has not begun. */
  #takeBack(): readonly LeasedJob[] {
    const suspects = this.#suspect ? [this.#suspect] : [];
    this.#suspect = undefined;
    return [...this.#holdings.takeAll(), ...suspects];
  }

  /** Hands back jobs that have not begun. */
  #release(jobs: readonly LeasedJob[], dueAt?: Date): void {
    this.#settlements.push(...jobs.map(({ id, lease }) => ({ id, lease, outcome: "release", ...(dueAt ? { dueAt } : {}) }) as const));
    this.#wake.set();
  }

  async #claimLoop(): Promise<void> {
    while (!this.#isDrained()) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        await this.#wake.wait(this.#options.clock, waitMs);
        continue;
      }
      await eventLoopTurn(); // jobs that end together are settled together
      await this.#claim(this.#room());
      this.#startSuspect();
    }
    this.#end.abort();
  }

  #isDrained(): boolean {
    if (!this.#closing || this.#runs.size > 0) return false;
    return this.#settlements.length === 0 || (this.#graceOver.signal.aborted && this.#outage.isOn);
  }

  #waitMs(): number {
    if (this.#settlements.length > 0 || this.#maySuspectStart()) return 0;
    return this.#room() > 0 ? this.#claimAt - this.#elapsedMs() : Number.POSITIVE_INFINITY;
  }

  #room(): number {
    if (this.#closing || this.#suspect || this.#runs.isAlone) return 0;
    return Math.max(0, this.#size.target - this.#runs.size - this.#holdings.ready);
  }

  async #claim(limit: number): Promise<void> {
    const { queue, leaseMs } = this.#options;
    const settle = this.#settlements.splice(0);
    const except = this.#holdings.saturated;
    if (limit > 0) this.#claimAt = Number.POSITIVE_INFINITY; // a job that is sent meanwhile brings it forward again
    try {
      const { jobs, lost, nextDueAt } = await queue.claim({
        limit,
        leaseMs,
        settle: settle.map((each) => this.#asOfNow(each)),
        ...(except.length > 0 ? { except } : {}),
      });
      this.#outage.end();
      if (lost.length > 0) this.#log("warn", { code: "lease_lost", jobs: lost.map(({ id }) => id) }, "jobs had been taken over");
      if (limit > 0) this.#claimAt = Math.min(this.#claimAt, jobs.length < limit ? this.#nextLook(nextDueAt) : 0);
      this.#accept(jobs);
    } catch (error) {
      this.#settlements.unshift(...settle);
      this.#claimAt = 0;
      this.#outage.note(error);
      await this.#outage.pause(this.#graceOver.signal);
    }
  }

  /** A time to come back at is a wait: whatever becomes of the clock on the wall until the queue can be told, it ends after that. */
  #asOfNow({ decidedAt, ...settlement }: Settlement & { readonly decidedAt?: number }): Settlement {
    if (settlement.outcome !== "retry" || decidedAt === undefined) return settlement;
    const leftMs = settlement.dueAt.getTime() - decidedAt - this.#elapsedMs();
    return { ...settlement, dueAt: new Date(this.#now().getTime() + leftMs) };
  }

  #nextLook(nextDueAt: Date | undefined): number {
    const { pollMs, clock } = this.#options;
    const dueInMs = nextDueAt ? nextDueAt.getTime() - clock.now().getTime() : pollMs;
    return this.#elapsedMs() + Math.min(dueInMs, pollMs);
  }

  #accept(jobs: readonly LeasedJob[]): void {
    if (this.#closing) {
      this.#release(jobs);
      return;
    }
    for (const job of jobs) this.#take(job);
    if (this.#suspect) this.#release(this.#holdings.takeAll());
    this.#startBuffered();
  }

  #take(job: LeasedJob): void {
    const settlement = settlementAtClaim(job, this.#options);
    if (settlement) {
      this.#settle(job, settlement);
    } else if (isSuspect(job, this.#options)) {
      if (this.#suspect) this.#release([job]);
      else this.#suspect = job;
    } else if (this.#holdings.isSurplus(job, this.#size.target)) {
      // An engine that cannot pass over a group would hand it out again at once.
      this.#release([job], this.#holdings.canExcept ? undefined : new Date(this.#now().getTime() + this.#options.pollMs));
    } else {
      this.#holdings.add(job);
    }
  }

  #startBuffered(): void {
    while (!this.#suspect && !this.#runs.isAlone && this.#runs.size < this.#options.concurrency) {
      const job = this.#holdings.next();
      if (!job) return;
      this.#runs.start(job);
    }
  }

  #maySuspectStart(): boolean {
    return this.#suspect !== undefined && !this.#closing && this.#runs.size === 0;
  }

  /** Once nothing else would be lost with this process, and what has been done is recorded. */
  #startSuspect(): void {
    if (!this.#maySuspectStart() || this.#settlements.length > 0 || !this.#suspect) return;
    const { id, handler, attempt, crashes } = this.#suspect;
    this.#log("warn", { job: id, handler, attempt, crashes }, "the job's workers died again and again; it runs alone");
    this.#runs.start(this.#suspect, { alone: true });
    this.#suspect = undefined;
  }

  #onEnd(job: LeasedJob, tookMs: number, result: AttemptResult | undefined): void {
    this.#size.learn(tookMs);
    this.#holdings.ended(job);
    if (result) this.#settle(job, settlementFor(job, result, { ...this.#options, longestDelayMs: this.#longestDelayMs }, this.#now()));
    this.#startBuffered();
    this.#wake.set();
  }

  #settle(job: LeasedJob, settlement: Settlement): void {
    const decidedAt = this.#now().getTime() - this.#elapsedMs();
    this.#settlements.push({ ...settlement, decidedAt });
    if (settlement.outcome !== "retry" && settlement.outcome !== "dead") return;
    const fields = { job: job.id, handler: job.handler, attempt: job.attempt, reason: settlement.reason };
    if (settlement.outcome === "dead") this.#log("error", fields, "the job is a dead letter");
    else this.#log("warn", { ...fields, dueAt: settlement.dueAt.toISOString() }, "the job failed and will be tried again");
  }

  #claimSoon(): void {
    this.#claimAt = 0;
    this.#wake.set();
  }

  async #renewLoop(): Promise<void> {
    const { queue, leaseMs, clock } = this.#options;
    while (await sleepFor(clock, leaseMs / 3, this.#end.signal)) {
      const held = [...this.#holdings.buffered, ...(this.#suspect ? [this.#suspect] : [])];
      const leases = [...this.#runs.leases, ...held.map(({ id, lease }) => ({ id, lease }))];
      if (leases.length === 0) continue;
      try {
        for (const lost of await queue.renew(leases, leaseMs)) this.#lose(lost);
        this.#outage.end();
      } catch (error) {
        this.#outage.note(error);
        this.#claimSoon(); // which notices when the engine answers again
      }
    }
  }

  #lose(lost: LeaseRef): void {
    this.#runs.lose(lost);
    this.#holdings.lose(lost);
    if (this.#suspect?.id === lost.id && this.#suspect.lease === lost.lease) this.#suspect = undefined;
  }

  async #timeoutLoop(): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    for (let waitMs = timeoutMs; await sleepFor(clock, waitMs, this.#end.signal); ) waitMs = this.#runs.failOverdue();
  }

  #now(): Date {
    return this.#options.clock.now();
  }

  #elapsedMs(): number {
    return elapsedMs(this.#options.clock);
  }

  #log(level: "warn" | "error", fields: LogFields, message: string): void {
    try {
      this.#options.logger[level](fields, message);
    } catch {
      // a logger that fails must not stop the work
    }
  }
}
