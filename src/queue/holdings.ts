import type { LeasedJob, LeaseRef } from "./queue.ts";

/** What {@link Holdings} needs to know. */
export interface HoldingsOptions {
  /** How many jobs of a group may run at once. */
  readonly concurrencyOf: (group: string) => number;
  /** Whether the queue can be told to hand out none of some groups. */
  readonly canExcept: boolean;
}

interface Held {
  readonly job: LeasedJob;
  /** Until when it is ours for certain, in steady time. */
  until: number;
}

/** The jobs that a worker holds and has not begun, in the order in which they came; and how many of each group run. */
export class Holdings {
  readonly canExcept: boolean;
  readonly #concurrencyOf: (group: string) => number;
  readonly #running = new Map<string, number>();
  #waiting: Held[] = [];
  /** A job that has perhaps ended the processes that held it: it is to run alone. */
  #suspect: Held | undefined;
  /** Before this, no lease has run out. */
  #soonestEnd = Number.POSITIVE_INFINITY;

  constructor({ concurrencyOf, canExcept }: HoldingsOptions) {
    this.canExcept = canExcept;
    this.#concurrencyOf = concurrencyOf;
  }

  get size(): number {
    return this.#waiting.length + (this.#suspect ? 1 : 0);
  }

  get hasSuspect(): boolean {
    return this.#suspect !== undefined;
  }

  get leases(): readonly LeaseRef[] {
    return this.#all().map(({ job: { id, lease } }) => ({ id, lease }));
  }

  /** How many of the jobs in hand may begin as soon as there is a free place. */
  get ready(): number {
    return this.#waiting.filter(({ job }) => !this.#isFull(job.group)).length;
  }

  /** Groups that are not to be claimed: one in hand already waits for another of its group, or would be one too many. */
  saturated(places: number): readonly string[] {
    if (!this.canExcept) return [];
    const waiting = new Set(this.#waiting.map(({ job }) => job.group));
    const groups = new Set([...waiting, ...this.#running.keys()]);
    return [...groups].filter((group) => (waiting.has(group) && this.#isFull(group)) || this.isSurplus({ group }, places));
  }

  /** Whether a job is one too many of a limited group: what has to wait may take half of the places, so that others find some. */
  isSurplus({ group }: Pick<LeasedJob, "group">, places: number): boolean {
    const limit = this.#concurrencyOf(group);
    if (limit === Number.POSITIVE_INFINITY || this.#held(group) < limit) return false;
    const groups = new Set(this.#waiting.map(({ job }) => job.group));
    const waiting = [...groups].map((one) => Math.max(0, this.#held(one) - this.#concurrencyOf(one)));
    return waiting.reduce((sum, count) => sum + count, 1) > places / 2;
  }

  add(job: LeasedJob, until: number): void {
    this.#waiting.push({ job, until });
    this.#soonestEnd = Math.min(this.#soonestEnd, until);
  }

  /** Holds the one job that is to run alone. */
  setAside(job: LeasedJob, until: number): void {
    this.#suspect = { job, until };
    this.#soonestEnd = Math.min(this.#soonestEnd, until);
  }

  /** The first job that may begin now. It counts as running until {@link ended}. */
  next(): LeasedJob | undefined {
    const index = this.#waiting.findIndex(({ job }) => !this.#isFull(job.group));
    const [held] = index < 0 ? [] : this.#waiting.splice(index, 1);
    return this.#begin(held);
  }

  /** The job that is to run alone. It counts as running until {@link ended}. */
  takeSuspect(): LeasedJob | undefined {
    const suspect = this.#suspect;
    this.#suspect = undefined;
    return this.#begin(suspect);
  }

  ended({ group }: LeasedJob): void {
    const left = (this.#running.get(group) ?? 0) - 1;
    if (left > 0) this.#running.set(group, left);
    else this.#running.delete(group);
  }

  /** Takes note of leases that have been extended. */
  keep(leases: readonly LeaseRef[], until: number): void {
    const kept = new Set(leases.map(({ lease }) => lease));
    for (const held of this.#all()) if (kept.has(held.job.lease)) held.until = until;
    this.#soonestEnd = Math.min(...this.#all().map((held) => held.until));
  }

  lose({ id, lease }: LeaseRef): void {
    const isOther = ({ job }: Held) => job.id !== id || job.lease !== lease;
    this.#waiting = this.#waiting.filter(isOther);
    if (this.#suspect && !isOther(this.#suspect)) this.#suspect = undefined;
  }

  /** Lets go of jobs whose lease may have run out: another worker may have them by now. */
  takeExpired(now: number): readonly LeasedJob[] {
    if (now < this.#soonestEnd) return [];
    const expired = this.#all().filter(({ until }) => until <= now);
    for (const { job } of expired) this.lose(job);
    this.#soonestEnd = Math.min(...this.#all().map(({ until }) => until));
    return expired.map(({ job }) => job);
  }

  /** Lets go of everything. */
  takeAll(): readonly LeasedJob[] {
    const all = this.#all().map(({ job }) => job);
    this.#waiting = [];
    this.#suspect = undefined;
    return all;
  }

  #all(): readonly Held[] {
    return this.#suspect ? [...this.#waiting, this.#suspect] : this.#waiting;
  }

  #begin(held: Held | undefined): LeasedJob | undefined {
    if (!held) return undefined;
    const { job } = held;
    this.#running.set(job.group, (this.#running.get(job.group) ?? 0) + 1);
    return job;
  }

  /** How many of a group are in hand, running ones included. */
  #held(group: string): number {
    return this.#waiting.filter(({ job }) => job.group === group).length + (this.#running.get(group) ?? 0);
  }

  #isFull(group: string): boolean {
    return (this.#running.get(group) ?? 0) >= this.#concurrencyOf(group);
  }
}
