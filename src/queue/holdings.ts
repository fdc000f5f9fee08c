import type { LeasedJob, LeaseRef } from "./queue.ts";

/** What {@link Holdings} needs to know. */
export interface HoldingsOptions {
  /** How many jobs of a group may run at once. */
  readonly concurrencyOf: (group: string) => number;
  /** Whether the queue can be told to hand out none of some groups. */
  readonly canExcept: boolean;
}

/** The jobs that a worker holds and has not begun, in the order in which they came; and how many of each group run. */
export class Holdings {
  readonly canExcept: boolean;
  readonly #concurrencyOf: (group: string) => number;
  readonly #running = new Map<string, number>();
  #buffered: LeasedJob[] = [];

  constructor({ concurrencyOf, canExcept }: HoldingsOptions) {
    this.canExcept = canExcept;
    this.#concurrencyOf = concurrencyOf;
  }

  get buffered(): readonly LeasedJob[] {
    return this.#buffered;
  }

  /** Groups of which there is a job in hand that has to wait for another of its group. */
  get saturated(): readonly string[] {
    if (!this.canExcept || this.#buffered.length === 0) return [];
    return [...new Set(this.#buffered.map(({ group }) => group))].filter((group) => this.#isFull(group));
  }

  /** How many of the jobs in hand may begin as soon as there is a free place. */
  get ready(): number {
    return this.#buffered.filter(({ group }) => !this.#isFull(group)).length;
  }

  add(job: LeasedJob): void {
    this.#buffered.push(job);
  }

  /** The first job that may begin now. It counts as running until {@link ended}. */
  next(): LeasedJob | undefined {
    const index = this.#buffered.findIndex(({ group }) => !this.#isFull(group));
    const [job] = index < 0 ? [] : this.#buffered.splice(index, 1);
    if (job) this.#running.set(job.group, (this.#running.get(job.group) ?? 0) + 1);
    return job;
  }

  ended({ group }: LeasedJob): void {
    const left = (this.#running.get(group) ?? 0) - 1;
    if (left > 0) this.#running.set(group, left);
    else this.#running.delete(group);
  }

  /** Whether a job is one too many of a limited group: what has to wait may take half of the places, so that others find some. */
  isSurplus({ group }: LeasedJob, places: number): boolean {
    const limit = this.#concurrencyOf(group);
    if (limit === Number.POSITIVE_INFINITY || this.#held(group) < limit) return false;
    const groups = new Set(this.#buffered.map((job) => job.group));
    const waiting = [...groups].map((one) => Math.max(0, this.#held(one) - this.#concurrencyOf(one)));
    return waiting.reduce((sum, count) => sum + count, 1) > places / 2;
  }

  lose({ id, lease }: LeaseRef): void {
    this.#buffered = this.#buffered.filter((job) => job.id !== id || job.lease !== lease);
  }

  takeAll(): readonly LeasedJob[] {
    return this.#buffered.splice(0);
  }

  /** How many of a group are in hand, running ones included. */
  #held(group: string): number {
    return this.#buffered.filter((job) => job.group === group).length + (this.#running.get(group) ?? 0);
  }

  #isFull(group: string): boolean {
    return (this.#running.get(group) ?? 0) >= this.#concurrencyOf(group);
  }
}
