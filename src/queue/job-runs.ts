import { type Clock, elapsedMs } from "../clock.ts";
import { ApplicationError } from "../errors.ts";
import type { LeasedJob, LeaseRef } from "./queue.ts";
import { sleepFor } from "./wake.ts";

/** Does the work of a job; a rejection is a failed attempt. The signal says that the result will not be used. */
export type ProcessJob = (job: LeasedJob, signal: AbortSignal) => Promise<void>;

/** What an attempt came to: nothing thrown, or something. */
export type AttemptResult = { readonly outcome: "done" } | { readonly outcome: "failed"; readonly thrown: unknown };

/** What {@link JobRuns} needs. */
export interface JobRunsOptions {
  readonly process: ProcessJob;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Called once for each job whose slot has become free; without a result where the job is no longer ours to settle. */
  readonly onEnd: (job: LeasedJob, tookMs: number, result: AttemptResult | undefined) => void;
}

interface Run {
  readonly job: LeasedJob;
  /** Steady time. */
  readonly startedAt: number;
  readonly isAlone: boolean;
  readonly controller: AbortController;
  isLost: boolean;
}

/** The jobs that are running in this process, oldest first. */
export class JobRuns {
  readonly #options: JobRunsOptions;
  readonly #runs = new Set<Run>();

  constructor(options: JobRunsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#runs.size;
  }

  /** Whether a job runs beside which none may be started. */
  get isAlone(): boolean {
    for (const run of this.#runs) if (run.isAlone) return true;
    return false;
  }

  /** The holds that are to be kept. */
  get leases(): readonly LeaseRef[] {
    return [...this.#runs].filter((run) => !run.isLost).map(({ job: { id, lease } }) => ({ id, lease }));
  }

  start(job: LeasedJob, { alone = false }: { readonly alone?: boolean } = {}): void {
    const run: Run = { job, startedAt: this.#elapsedMs(), isAlone: alone, controller: new AbortController(), isLost: false };
    this.#runs.add(run);
    void this.#attempt(run).then((result) => this.#end(run, result));
  }

  /** Tells a job that another worker has taken it over. It keeps its slot until it settles. */
  lose({ id, lease }: LeaseRef): void {
    for (const run of this.#runs) {
      if (run.job.id !== id || run.job.lease !== lease) continue;
      run.isLost = true;
      run.controller.abort(new ApplicationError("lease_lost"));
    }
  }

  /** Fails jobs that have run for too long, until the signal. */
  async watchTimeouts(signal: AbortSignal): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    for (let waitMs = timeoutMs; await sleepFor(clock, waitMs, signal); ) waitMs = this.#failOverdue();
  }

  /** Lets go of every job: tells it why, and never settles it, so that its lease runs out. Answers how many there were. */
  abandon(reason: Error): number {
    const runs = [...this.#runs];
    this.#runs.clear();
    for (const run of runs) run.controller.abort(reason);
    return runs.length;
  }

  /** Answers how long it is at least until that can happen again. */
  #failOverdue(): number {
    for (const run of this.#runs) {
      const leftMs = run.startedAt + this.#options.timeoutMs - this.#elapsedMs();
      if (leftMs > 0) return leftMs;
      const thrown = new ApplicationError("handler_timeout", `The job did not settle within ${this.#options.timeoutMs} ms.`);
      this.#end(run, { outcome: "failed", thrown });
      run.controller.abort(thrown);
    }
    return this.#options.timeoutMs;
  }

  async #attempt({ job, controller }: Run): Promise<AttemptResult> {
    try {
      await this.#options.process(job, controller.signal);
      return { outcome: "done" };
    } catch (thrown) {
      return { outcome: "failed", thrown };
    }
  }

  #end(run: Run, result: AttemptResult): void {
    if (!this.#runs.delete(run)) return; // it had been failed or abandoned
    this.#options.onEnd(run.job, this.#elapsedMs() - run.startedAt, run.isLost ? undefined : result);
  }

  #elapsedMs(): number {
    return elapsedMs(this.#options.clock);
  }
}
