import { type Clock, systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeasedJob, LeaseRef, NewJob, Queue, Settlement, StoredJob } from "../queue.ts";

interface MemoryJob {
  readonly seq: number;
  readonly id: string;
  readonly handler: string;
  readonly head: string;
  readonly body: Uint8Array;
  dueAt: number;
  attempts: number;
  /** Counts every hold and every settlement. */
  lease: number;
  reason?: string;
  deadAt?: number;
}

/** A due time that a job has had; it counts while the job still has it. */
interface Turn {
  readonly dueAt: number;
  readonly seq: number;
  readonly job: MemoryJob;
}

/** A queue for tests and trials: it keeps every promise of {@link Queue} until the process ends. */
export function memoryQueue({ clock = systemClock }: { readonly clock?: Clock } = {}): Queue {
  return new MemoryQueue(clock);
}

class MemoryQueue implements Queue {
  readonly #clock: Clock;
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #turns = new DueHeap();
  readonly #listeners = new Set<{ readonly call: () => void }>();
  #seq = 0;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async send({ id, handler, head, body, dueAt }: NewJob): Promise<void> {
    this.#assertOpen();
    if (!this.#jobs.has(id)) {
      const job: MemoryJob = { seq: ++this.#seq, id, handler, head, body: new Uint8Array(body), dueAt: 0, attempts: 0, lease: 0 };
      this.#jobs.set(id, job);
      this.#setDue(job, dueAt?.getTime() ?? this.#now());
    }
    this.#announce();
  }

  async claim({ limit, leaseMs, settle = [] }: ClaimOptions): Promise<ClaimResult> {
    this.#assertOpen();
    const lost = settle.filter((settlement) => !this.#settle(settlement));
    if (limit <= 0) return { jobs: [], lost };
    const due: MemoryJob[] = [];
    for (let job = this.#takeDue(); job; job = due.length < limit ? this.#takeDue() : undefined) due.push(job);
    const jobs = due.map((job) => this.#lease(job, leaseMs));
    const next = this.#nextTurn();
    return { jobs, lost, ...(next && next.dueAt > this.#now() ? { nextDueAt: new Date(next.dueAt) } : {}) };
  }

  async renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    this.#assertOpen();
    return leases.filter((lease) => {
      const job = this.#held(lease);
      if (job) this.#setDue(job, this.#now() + leaseMs);
      return !job;
    });
  }

  watch(listener: () => void): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async list({ state, limit = 100, after }: JobQuery): Promise<JobPage> {
    this.#assertOpen();
    const all = [...this.#jobs.values()].filter((job) => (job.deadAt !== undefined) === (state === "dead"));
    const rest = all.filter((job) => job.seq > Number(after ?? 0));
    const jobs = rest.slice(0, limit);
    const last = jobs.at(-1);
    return { jobs: jobs.map(toStoredJob), total: all.length, ...(last && rest.length > jobs.length ? { next: String(last.seq) } : {}) };
  }

  async retry(ids: readonly string[] | "all"): Promise<number> {
    this.#assertOpen();
    const dead = this.#deadLetters(ids);
    for (const job of dead) {
      delete job.deadAt;
      job.attempts = 0;
      this.#setDue(job, this.#now());
    }
    if (dead.length > 0) this.#announce();
    return dead.length;
  }

  async purge(ids: readonly string[] | "all"): Promise<number> {
    this.#assertOpen();
    const dead = this.#deadLetters(ids);
    for (const job of dead) this.#jobs.delete(job.id);
    return dead.length;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
  }

  #announce(): void {
    for (const { call } of this.#listeners) call();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new ConfigurationError("closed");
  }

  #now(): number {
    return this.#clock.now().getTime();
  }

  #setDue(job: MemoryJob, dueAt: number): void {
    job.dueAt = dueAt;
    this.#turns.push({ dueAt, seq: job.seq, job });
  }

  /** The earliest due time that still counts. */
  #nextTurn(): Turn | undefined {
    for (let turn = this.#turns.peek(); turn; turn = this.#turns.peek()) {
      const { job, dueAt } = turn;
      if (this.#jobs.get(job.id) === job && job.dueAt === dueAt && job.deadAt === undefined) return turn;
      this.#turns.pop();
    }
    return undefined;
  }

  #takeDue(): MemoryJob | undefined {
    const turn = this.#nextTurn();
    if (!turn || turn.dueAt > this.#now()) return undefined;
    this.#turns.pop();
    turn.job.dueAt = Number.NaN;
    return turn.job;
  }

  #lease(job: MemoryJob, leaseMs: number): LeasedJob {
    job.attempts++;
    job.lease++;
    this.#setDue(job, this.#now() + leaseMs);
    const { id, handler, head, attempts: attempt } = job;
    return { id, handler, head, body: new Uint8Array(job.body), attempt, lease: `${job.seq}.${job.lease}` };
  }

  #held({ id, lease }: LeaseRef): MemoryJob | undefined {
    const job = this.#jobs.get(id);
    return job && job.deadAt === undefined && lease === `${job.seq}.${job.lease}` ? job : undefined;
  }

  #settle(settlement: Settlement): boolean {
    const job = this.#held(settlement);
    if (!job) return false;
    if (settlement.outcome === "acknowledge") return this.#jobs.delete(job.id);
    job.lease++;
    if (settlement.outcome === "release") job.attempts--;
    else job.reason = settlement.reason;
    if (settlement.outcome === "dead") job.deadAt = this.#now();
    else this.#setDue(job, settlement.outcome === "retry" ? settlement.dueAt.getTime() : this.#now());
    return true;
  }

  #deadLetters(ids: readonly string[] | "all"): readonly MemoryJob[] {
    const jobs = ids === "all" ? [...this.#jobs.values()] : [...new Set(ids)].flatMap((id) => this.#jobs.get(id) ?? []);
    return jobs.filter((job) => job.deadAt !== undefined);
  }
}

function toStoredJob({ id, handler, head, body, attempts, dueAt, reason, deadAt }: MemoryJob): StoredJob {
  return {
    ...{ id, handler, head, body: new Uint8Array(body), attempts, dueAt: new Date(dueAt) },
    ...(reason === undefined ? {} : { reason }),
    ...(deadAt === undefined ? {} : { deadAt: new Date(deadAt) }),
  };
}

/** A binary heap: the earliest due on top, and of those due at the same time the one sent first. */
class DueHeap {
  readonly #entries: Turn[] = [];

  peek(): Turn | undefined {
    return this.#entries[0];
  }

  push(entry: Turn): void {
    let index = this.#entries.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  pop(): Turn | undefined {
    const [top] = this.#entries;
    const last = this.#entries.pop();
    if (top === undefined || last === undefined || this.#entries.length === 0) return top;
    this.#entries[0] = last;
    this.#sink();
    return top;
  }

  #sink(): void {
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      const child = this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #swapIfEarlier(index: number, other: number): boolean {
    const [a, b] = [this.#entries[index], this.#entries[other]];
    if (a === undefined || b === undefined || !this.#isEarlier(index, other)) return false;
    this.#entries[index] = b;
    this.#entries[other] = a;
    return true;
  }

  #isEarlier(index: number, other: number): boolean {
    const [a, b] = [this.#entries[index], this.#entries[other]];
    return a !== undefined && b !== undefined && (a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.seq < b.seq));
  }
}
