import { randomInt } from "node:crypto";
import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import type { JobOrdering } from "../../job.ts";
import { DueHeap, isEarlier, type Turn } from "../due-heap.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeasedJob, LeaseRef, NewJob, Queue, Settlement, StoredJob } from "../queue.ts";

interface MemoryJob {
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

/** A due time that a job has had; it counts while the job still has it. */
interface JobTurn extends Turn {
  readonly job: MemoryJob;
}

/** A queue for tests and trials: it keeps every promise of {@link Queue} until the process ends. */
export function memoryQueue({ clock = systemClock }: { readonly clock?: Clock } = {}): Queue {
  return new MemoryQueue(clock);
}

class MemoryQueue implements Queue {
  readonly capabilities = { engine: "memory", durable: false };
  readonly #clock: Clock;
  readonly #jobs = new Map<string, MemoryJob>();
  /** By group, so that one that is left out is passed over in one step. */
  readonly #turns = new Map<string, DueHeap<JobTurn>>();
  readonly #lanes = new Map<string, Lane>();
  readonly #listeners = new Set<{ readonly call: () => void }>();
  #seq = 0;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async send({ id, handler, head, body, dueAt, group = "", ordering }: NewJob): Promise<void> {
    this.#assertOpen();
    if (!this.#jobs.has(id)) {
      const given = { seq: ++this.#seq, id, handler, head, body: new Uint8Array(body), group, ordering };
      const job: MemoryJob = { ...given, dueAt: this.#time(dueAt), attempts: 0, crashes: 0, lease: randomInt(2 ** 40), isHeld: false };
      this.#jobs.set(id, job);
      this.#enter(job);
    }
    this.#announce();
  }

  async claim(options: ClaimOptions): Promise<ClaimResult> {
    this.#assertOpen();
    const { limit, leaseMs, settle = [], except = [] } = options;
    const lost = settle.filter((settlement) => !this.#settle(settlement));
    if (limit <= 0) return { jobs: [], lost };
    const due: MemoryJob[] = [];
    for (let job = this.#takeDue(except); job; job = due.length < limit ? this.#takeDue(except) : undefined) due.push(job);
    const jobs = due.map((job) => this.#lease(job, leaseMs));
    const nextDueAt = this.#nextDueAt();
    return { jobs, lost, ...(nextDueAt === undefined ? {} : { nextDueAt: this.#date(nextDueAt) }) };
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
    if (!job.ordering) {
      this.#setDue(job, job.dueAt);
      return;
    }
    const lane = this.#lanes.get(job.ordering.key) ?? new Lane((each) => this.#holdsUp(each));
    this.#lanes.set(job.ordering.key, lane);
    lane.add(job);
    this.#passTurn(job);
  }

  /** After whatever may change whose turn it is among the jobs of a key. Answers whether it has changed. */
  #passTurn({ ordering }: MemoryJob): boolean {
    const lane = ordering && this.#lanes.get(ordering.key);
    if (!lane) return false;
    const turn = lane.pass();
    if (turn) this.#setDue(turn, turn.dueAt);
    if (lane.isEmpty) this.#lanes.delete(ordering.key);
    return turn !== undefined;
  }

  /** Whether those behind it wait for it. */
  #holdsUp(job: MemoryJob): boolean {
    return this.#jobs.get(job.id) === job && (job.deadAt === undefined || job.ordering?.afterDead === "wait");
  }

  #setDue(job: MemoryJob, dueAt: number): void {
    job.dueAt = dueAt;
    const turns = this.#turns.get(job.group) ?? new DueHeap();
    this.#turns.set(job.group, turns);
    turns.push({ dueAt, seq: job.seq, job });
  }

  /** The earliest due time of a group that still counts. */
  #nextTurn(group: string, turns: DueHeap<JobTurn>): JobTurn | undefined {
    for (let turn = turns.peek(); turn; turn = turns.peek()) {
      const { job, dueAt } = turn;
      if (this.#jobs.get(job.id) === job && job.dueAt === dueAt && job.deadAt === undefined && this.#hasTurn(job)) return turn;
      turns.pop();
    }
    this.#turns.delete(group);
    return undefined;
  }

  #hasTurn(job: MemoryJob): boolean {
    return !job.ordering || this.#lanes.get(job.ordering.key)?.turn === job;
  }

  #nextDueAt(): number | undefined {
    const times = [...this.#turns].flatMap(([group, turns]) => this.#nextTurn(group, turns)?.dueAt ?? []);
    const next = Math.min(...times.filter((time) => time > this.#now()));
    return Number.isFinite(next) ? next : undefined;
  }

  #takeDue(except: readonly string[]): MemoryJob | undefined {
    let first: JobTurn | undefined;
    for (const [group, turns] of this.#turns) {
      const turn = except.includes(group) ? undefined : this.#nextTurn(group, turns);
      if (turn && turn.dueAt <= this.#now() && (!first || isEarlier(turn, first))) first = turn;
    }
    if (!first) return undefined;
    this.#turns.get(first.job.group)?.pop();
    first.job.dueAt = Number.NaN;
    return first.job;
  }

  #lease(job: MemoryJob, leaseMs: number): LeasedJob {
    if (job.isHeld) job.crashes++;
    job.isHeld = true;
    job.attempts++;
    job.lease++;
    this.#setDue(job, this.#now() + leaseMs);
    const { id, handler, head, group, crashes, attempts: attempt } = job;
    return { id, handler, head, body: new Uint8Array(job.body), group, attempt, crashes, lease: `${job.seq}.${job.lease}` };
  }

  #held({ id, lease }: LeaseRef): MemoryJob | undefined {
    const job = this.#jobs.get(id);
    return job && job.deadAt === undefined && lease === `${job.seq}.${job.lease}` ? job : undefined;
  }

  #settle(settlement: Settlement): boolean {
    const job = this.#held(settlement);
    if (!job) return false;
    if (settlement.outcome === "acknowledge") this.#jobs.delete(job.id);
    else this.#return(job, settlement);
    if (this.#passTurn(job)) this.#announce();
    return true;
  }

  #return(job: MemoryJob, settlement: Exclude<Settlement, { outcome: "acknowledge" }>): void {
    job.lease++;
    job.isHeld = false;
    if (settlement.outcome === "release") job.attempts--;
    else job.reason = settlement.reason;
    if (settlement.outcome === "retry") job.crashes = 0;
    if (settlement.outcome === "dead") job.deadAt = this.#now();
    else this.#setDue(job, this.#time(settlement.dueAt));
  }

  /** Changes dead letters, which may let those go on that wait behind them. */
  #change(ids: readonly string[] | "all", change: (job: MemoryJob) => void): number {
    this.#assertOpen();
    const all = ids === "all" ? [...this.#jobs.values()] : [...new Set(ids)].flatMap((id) => this.#jobs.get(id) ?? []);
    const dead = all.filter((job) => job.deadAt !== undefined);
    for (const job of dead) change(job);
    if (dead.length > 0) this.#announce();
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

/** The jobs of one ordering key, and whose turn it is. */
class Lane {
  /** The job that may be handed out: the one that is held, or else the first, unless that is a dead letter. */
  turn: MemoryJob | undefined;
  readonly #queue = new DueHeap<JobTurn>();
  readonly #members = new Set<MemoryJob>();
  readonly #holdsUp: (job: MemoryJob) => boolean;

  constructor(holdsUp: (job: MemoryJob) => boolean) {
    this.#holdsUp = holdsUp;
  }

  get isEmpty(): boolean {
    return this.#queue.size === 0;
  }

  add(job: MemoryJob): void {
    if (this.#members.has(job)) return;
    this.#members.add(job);
    this.#queue.push({ dueAt: 0, seq: job.seq, job });
  }

  /** Looks whose turn it is; answers the job whose turn has just come. */
  pass(): MemoryJob | undefined {
    const { turn } = this;
    if (turn?.isHeld && turn.deadAt === undefined && this.#holdsUp(turn)) return undefined;
    const first = this.#first();
    this.turn = first && first.deadAt === undefined ? first : undefined;
    return this.turn === turn ? undefined : this.turn;
  }

  #first(): MemoryJob | undefined {
    for (let entry = this.#queue.peek(); entry; entry = this.#queue.peek()) {
      if (this.#holdsUp(entry.job)) return entry.job;
      this.#members.delete(entry.job);
      this.#queue.pop();
    }
    return undefined;
  }
}
