import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { type Clock, elapsedMs } from "../clock.ts";
import { ApplicationError } from "../errors.ts";
import { type Logger, type UnfailingLogger, unfailing } from "../logger.ts";
import { type Backoff, exponentialBackoff } from "./backoff.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { ClaimSize } from "./claim-size.ts";
import { Claims } from "./claims.ts";
import { Closing } from "./closing.ts";
import { Holdings } from "./holdings.ts";
import { type AttemptResult, JobRuns, type ProcessJob } from "./job-runs.ts";
import { keepLeases } from "./lease-keeper.ts";
import { Outage } from "./outage.ts";
import type { LeasedJob, LeaseRef, Queue, Settlement } from "./queue.ts";
import { isSuspect, settlementAtClaim, settlementFor } from "./settlement.ts";
import { Unsettled } from "./unsettled.ts";
import { Wake } from "./wake.ts";

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
   * signal aborted and its lease left to run out. An engine that does not answer has two seconds more. `drained` says that
   * everything was finished and recorded.
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
  readonly #options: Omit<Required<WorkerOptions>, "logger"> & { readonly logger: UnfailingLogger; readonly longestDelayMs: number };
  readonly #runs: JobRuns;
  readonly #size: ClaimSize;
  readonly #outage: Outage;
  readonly #holdings: Holdings;
  readonly #unsettled: Unsettled;
  readonly #closing: Closing;
  readonly #claims: Claims;
  readonly #wake = new Wake();
  /** Whether a suspect has run since others were begun. */
  #isOthersTurn = false;
  #abandoned = 0;
  #loops: Promise<unknown> | undefined;
  #drained: Promise<{ readonly drained: boolean }> | undefined;

  constructor(options: WorkerOptions) {
    const random = options.random ?? Math.random;
    const all = { ...defaults, random, backoff: exponentialBackoff({ random }), ...options };
    const { queue, clock, concurrency, concurrencyOf } = all;
    const logger = unfailing(all.logger);
    const { exceptions, longestDelayMs } = capabilitiesOf(queue);
    const closing = new Closing(clock);
    const unsettled = new Unsettled(clock);
    const outage = new Outage({ logger, clock, random });
    this.#options = { ...all, logger, longestDelayMs };
    this.#runs = new JobRuns({ ...all, onEnd: (job, tookMs, result) => this.#onEnd(job, tookMs, result) });
    this.#size = new ClaimSize(concurrency);
    this.#holdings = new Holdings({ concurrencyOf, canExcept: exceptions });
    this.#claims = new Claims({ ...all, logger, outage, closing, unsettled });
    this.#outage = outage;
    this.#unsettled = unsettled;
    this.#closing = closing;
    closing.graceOver.addEventListener("abort", () => this.#abandon(), { once: true });
  }

  start(): void {
    if (this.#loops || this.#drained) return;
    const stopWatching = this.#options.queue.watch(() => this.#claimSoon());
    const { ended } = this.#closing;
    this.#loops = Promise.all([this.#claimLoop().finally(stopWatching), this.#keepLeases(ended), this.#runs.watchTimeouts(ended)]);
  }

  close({ graceMs }: { readonly graceMs: number }): Promise<{ readonly drained: boolean }> {
    this.#drained ??= this.#drain(graceMs);
    return this.#drained;
  }

  status(): WorkerStatus {
    return { state: this.#state(), running: this.#runs.size, buffered: this.#holdings.size };
  }

  #state(): WorkerStatus["state"] {
    if (this.#closing.ended.aborted) return "closed";
    if (this.#closing.asked.aborted) return "closing";
    if (!this.#loops) return "stopped";
    return this.#outage.isOn ? "paused" : "working";
  }

  async #drain(graceMs: number): Promise<{ readonly drained: boolean }> {
    const stages = this.#closing.begin(graceMs);
    this.#release(this.#holdings.takeAll());
    this.#wake.set();
    if (!this.#loops) this.#closing.end();
    await Promise.all([stages, this.#loops]);
    return { drained: this.#abandoned === 0 && this.#unsettled.size === 0 };
  }

  #abandon(): void {
    this.#abandoned = this.#runs.abandon(new ApplicationError("draining", "The worker was closed before the job had ended."));
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
      const jobs = await this.#claims.claim(this.#size.limit(this.#room()), this.#holdings.saturated(this.#size.target));
      this.#accept(jobs, this.#elapsedMs() + this.#options.leaseMs); // a claim may wait for jobs: their leases begin at its end
      this.#startSuspect();
    }
    this.#closing.end();
  }

  #isDrained(): boolean {
    if (!this.#closing.asked.aborted || this.#runs.size > 0) return false;
    return this.#unsettled.size === 0 || this.#claims.hasGivenUp;
  }

  #waitMs(): number {
    if (this.#unsettled.size > 0 || this.#maySuspectStart()) return 0;
    return this.#room() > 0 ? this.#claims.waitMs : Number.POSITIVE_INFINITY;
  }

  #room(): number {
    if (this.#closing.asked.aborted || this.#holdings.hasSuspect || this.#runs.isAlone) return 0;
    return Math.max(0, this.#size.target - this.#runs.size - this.#holdings.ready);
  }

  #accept(jobs: readonly LeasedJob[], until: number): void {
    if (this.#closing.asked.aborted) {
      this.#release(jobs);
      return;
    }
    const living = jobs.filter((job) => !this.#isOver(job));
    const others = living.filter((job) => !isSuspect(job, this.#options));
    const [suspect, ...suspects] = living.filter((job) => isSuspect(job, this.#options));
    this.#size.learnClaim({ suspects: living.length - others.length, others: others.length });
    if (suspect && (others.length === 0 || !this.#isOthersTurn)) {
      this.#release([...this.#holdings.takeAll(), ...others, ...suspects]);
      this.#holdings.setAside(suspect, until);
    } else {
      if (others.length > 0) this.#isOthersTurn = false;
      if (suspect) this.#release([suspect, ...suspects], this.#later());
      for (const job of others) this.#take(job, until);
      this.#startWaiting();
    }
  }

  #isOver(job: LeasedJob): boolean {
    const settlement = settlementAtClaim(job, this.#options);
    if (settlement) this.#settle(job, settlement);
    return settlement !== undefined;
  }

  #take(job: LeasedJob, until: number): void {
    // An engine that cannot pass over a group would hand it out again at once.
    if (this.#holdings.isSurplus(job, this.#size.target)) this.#release([job], this.#holdings.canExcept ? undefined : this.#later());
    else this.#holdings.add(job, until);
  }

  #startWaiting(): void {
    this.#release(this.#holdings.takeExpired(this.#elapsedMs()));
    while (!this.#holdings.hasSuspect && !this.#runs.isAlone && this.#runs.size < this.#options.concurrency) {
      const job = this.#holdings.next();
      if (!job) return;
      this.#runs.start(job);
    }
  }

  #maySuspectStart(): boolean {
    return this.#holdings.hasSuspect && !this.#closing.asked.aborted && this.#runs.size === 0;
  }

  /** Once nothing else would be lost with this process, and what has been done is recorded. */
  #startSuspect(): void {
    if (!this.#maySuspectStart() || this.#unsettled.size > 0) return;
    this.#release(this.#holdings.takeExpired(this.#elapsedMs()));
    const suspect = this.#holdings.takeSuspect();
    if (!suspect) return;
    const { id, handler, attempt, crashes } = suspect;
    this.#options.logger.warn({ job: id, handler, attempt, crashes }, "the job's workers died again and again; it runs alone");
    this.#isOthersTurn = true;
    this.#runs.start(suspect, { alone: true });
  }

  #onEnd(job: LeasedJob, tookMs: number, result: AttemptResult | undefined): void {
    this.#size.learn(tookMs);
    this.#holdings.ended(job);
    if (result) this.#settle(job, settlementFor(job, result, this.#options, this.#now()));
    this.#startWaiting();
    this.#wake.set();
  }

  #settle(job: LeasedJob, settlement: Settlement): void {
    this.#unsettled.add(settlement);
    if (settlement.outcome !== "retry" && settlement.outcome !== "dead") return;
    const fields = { job: job.id, handler: job.handler, attempt: job.attempt, reason: settlement.reason };
    if (settlement.outcome === "dead") this.#options.logger.error(fields, "the job is a dead letter");
    else this.#options.logger.warn({ ...fields, dueAt: settlement.dueAt.toISOString() }, "the job failed and will be tried again");
  }

  /** Hands back jobs that have not begun. */
  #release(jobs: readonly LeasedJob[], dueAt?: Date): void {
    for (const { id, lease } of jobs) this.#unsettled.add({ id, lease, outcome: "release", ...(dueAt ? { dueAt } : {}) });
  }

  /** When to see a job again for which there is no place now. */
  #later(): Date {
    return new Date(this.#now().getTime() + this.#options.pollMs);
  }

  #claimSoon(): void {
    this.#claims.expect();
    this.#wake.set();
  }

  #keepLeases(signal: AbortSignal): Promise<void> {
    const { queue, clock, leaseMs } = this.#options;
    const keeping = {
      ...{ queue, clock, leaseMs, outage: this.#outage },
      leases: () => [...this.#runs.leases, ...this.#holdings.leases, ...this.#unsettled.leases],
      onRenewed: (leases: readonly LeaseRef[], until: number, lost: readonly LeaseRef[]) => {
        this.#holdings.keep(leases, until);
        for (const one of lost) this.#lose(one);
      },
      onFailed: () => this.#claimSoon(), // which notices when the engine answers again
    };
    return keepLeases(keeping, signal);
  }

  #lose(lost: LeaseRef): void {
    this.#runs.lose(lost);
    this.#holdings.lose(lost);
    this.#wake.set(); // there may be room now
  }

  #now(): Date {
    return this.#options.clock.now();
  }

  #elapsedMs(): number {
    return elapsedMs(this.#options.clock);
  }
}
