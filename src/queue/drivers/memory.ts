import { randomInt } from "node:crypto";
import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import { Listeners } from "../../listeners.ts";
import { OpenCalls } from "../../open-calls.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeaseRef, NewJob, Queue, Settlement, StoredJob } from "../queue.ts";
import { isHeldUnder, leased, type MemoryJob } from "./memory-job.ts";
import { MemoryLanes } from "./memory-lanes.ts";
import { type JobTurn, MemoryTurns } from "./memory-turns.ts";

/** A queue for tests and trials: it keeps every promise of {@link Queue} until the process ends. */
export function memoryQueue({ clock = systemClock }: { readonly clock?: Clock } = {}): Queue {
  return new MemoryQueue(clock);
}

class MemoryQueue implements Queue {
  readonly capabilities = { engine: "memory", durable: false };
  readonly #clock: Clock;
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #turns = new MemoryTurns((turn) => this.#jobOf(turn));
  readonly #lanes = new MemoryLanes((job) => this.#jobs.get(job.id) === job);
  readonly #listeners = new Listeners();
  readonly #calls = new OpenCalls("The queue");
  #seq = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async send({ id, handler, head, body, dueAt, group = "", ordering }: NewJob): Promise<void> {
    this.#calls.check();
    if (!this.#jobs.has(id)) {
      const given = { seq: ++this.#seq, id, handler, head, body: new Uint8Array(body), group, ordering };
      const job: MemoryJob = { ...given, dueAt: this.#time(dueAt), attempts: 0, crashes: 0, lease: randomInt(2 ** 40), isHeld: false };
      this.#jobs.set(id, job);
      this.#enter(job);
    }
    this.#listeners.call();
  }

  async claim({ limit, leaseMs, settle = [], except = [] }: ClaimOptions): Promise<ClaimResult> {
    this.#calls.check();
    const lost = settle.filter((settlement) => !this.#settle(settlement));
    if (limit <= 0) return { jobs: [], lost };
    const due: MemoryJob[] = [];
    for (let job = this.#takeDue(except); job; job = due.length < limit ? this.#takeDue(except) : undefined) due.push(job);
    const jobs = due.map((job) => {
      this.#turns.set(job, this.#now() + leaseMs);
      return leased(job);
    });
    const nextDueAt = this.#turns.nextAfter(this.#now());
    return { jobs, lost, ...(nextDueAt === undefined ? {} : { nextDueAt: this.#date(nextDueAt) }) };
  }

  async renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    this.#calls.check();
    return leases.filter((lease) => {
      const job = this.#held(lease);
      if (job) this.#turns.set(job, this.#now() + leaseMs);
      return !job;
    });
  }

  watch(listener: () => void): () => void {
    this.#calls.check();
    return this.#listeners.add(listener);
  }

  async list({ state, limit = 100, after }: JobQuery): Promise<JobPage> {
    this.#calls.check();
    const all = [...this.#jobs.values()].filter((job) => (job.deadAt !== undefined) === (state === "dead"));
    const rest = all.filter((job) => job.seq > Number(after ?? 0));
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const jobs = page.map((job) => this.#toStoredJob(job));
    return { jobs, total: all.length, ...(last && rest.length > page.length ? { next: String(last.seq) } : {}) };
  }

  async retry(ids: readonly string[] | "all"): Promise<number> {
    return this.#change(ids, (job) => {
      delete job.deadAt;
      Object.assign(job, { attempts: 0, crashes: 0, dueAt: this.#now() });
      this.#enter(job);
    });
  }

  async purge(ids: readonly string[] | "all"): Promise<number> {
    return this.#change(ids, (job) => {
      this.#jobs.delete(job.id);
      this.#passTurn(job);
    });
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return this.#calls.close(async () => {});
  }

  #now(): number {
    return elapsedMs(this.#clock);
  }

  /** A time of the clock on the wall as a time of the queue, which nobody can set. */
  #time(date: Date | undefined): number {
    return date ? date.getTime() - this.#clock.now().getTime() + this.#now() : this.#now();
  }

  #date(time: number): Date {
    return new Date(time - this.#now() + this.#clock.now().getTime());
  }

  /** Lets a job have its turn when it is due, or, where it has an ordering key, when those before it are done. */
  #enter(job: MemoryJob): void {
    this.#lanes.add(job);
    if (job.ordering) this.#passTurn(job);
    else this.#turns.set(job, job.dueAt);
  }

  /** After whatever may change whose turn it is among the jobs of a key. Answers whether it has changed. */
  #passTurn(job: MemoryJob): boolean {
    const turn = this.#lanes.pass(job);
    if (turn) this.#turns.set(turn, turn.dueAt);
    return turn !== undefined;
  }

  #jobOf({ id, seq, dueAt }: JobTurn): MemoryJob | undefined {
    const job = this.#jobs.get(id);
    const counts = job?.seq === seq && job.dueAt === dueAt && job.deadAt === undefined && this.#lanes.hasTurn(job);
    return counts ? job : undefined;
  }

  #takeDue(except: readonly string[]): MemoryJob | undefined {
    return this.#turns.take(this.#now(), except);
  }

  #held(lease: LeaseRef): MemoryJob | undefined {
    const job = this.#jobs.get(lease.id);
    return isHeldUnder(lease, job) ? job : undefined;
  }

  #settle(settlement: Settlement): boolean {
    const job = this.#held(settlement);
    if (!job) return false;
    if (settlement.outcome === "acknowledge") this.#jobs.delete(job.id);
    else this.#return(job, settlement);
    if (this.#passTurn(job)) this.#listeners.call();
    return true;
  }

  #return(job: MemoryJob, settlement: Exclude<Settlement, { outcome: "acknowledge" }>): void {
    job.lease++;
    job.isHeld = false;
    if (settlement.outcome === "release") job.attempts--;
    else job.reason = settlement.reason;
    if (settlement.outcome === "retry") job.crashes = 0;
    if (settlement.outcome === "dead") job.deadAt = this.#now();
    else this.#turns.set(job, this.#time(settlement.dueAt));
  }

  /** Changes dead letters, which may let those go on that wait behind them. */
  #change(ids: readonly string[] | "all", change: (job: MemoryJob) => void): number {
    this.#calls.check();
    const all = ids === "all" ? [...this.#jobs.values()] : [...new Set(ids)].flatMap((id) => this.#jobs.get(id) ?? []);
    const dead = all.filter((job) => job.deadAt !== undefined);
    for (const job of dead) change(job);
    if (dead.length > 0) this.#listeners.call();
    return dead.length;
  }

  #toStoredJob({ id, handler, head, body, group, attempts, dueAt, reason, deadAt }: MemoryJob): StoredJob {
    return {
      ...{ id, handler, head, body: new Uint8Array(body), group, attempts, dueAt: this.#date(dueAt) },
      ...(reason === undefined ? {} : { reason }),
      ...(deadAt === undefined ? {} : { deadAt: this.#date(deadAt) }),
    };
  }
}
