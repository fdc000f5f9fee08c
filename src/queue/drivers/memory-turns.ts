import { DueHeap, isEarlier, type Turn } from "../due-heap.ts";
import type { MemoryJob } from "./memory-job.ts";

/** A due time that a job has had; it counts while the job still has it. By its id, so that a job that is gone is not kept for its time. */
export interface JobTurn extends Turn {
  readonly id: string;
}

/** When jobs are due, by group, so that one that is left out is passed over in one step. */
export class MemoryTurns {
  readonly #groups = new Map<string, DueHeap<JobTurn>>();
  readonly #jobOf: (turn: JobTurn) => MemoryJob | undefined;

  /** @param jobOf The job of a turn, if that still counts. */
  constructor(jobOf: (turn: JobTurn) => MemoryJob | undefined) {
    this.#jobOf = jobOf;
  }

  /** A job has its turn at a time, and at no other that it had before. */
  set(job: MemoryJob, dueAt: number): void {
    job.dueAt = dueAt;
    const turns = this.#groups.get(job.group) ?? new DueHeap();
    this.#groups.set(job.group, turns);
    turns.push({ dueAt, seq: job.seq, id: job.id });
  }

  /** Takes the first that is due at a time, out of groups that are not left out. It has no turn until it is given one. */
  take(now: number, except: readonly string[]): MemoryJob | undefined {
    let first: MemoryJob | undefined;
    for (const [group, turns] of this.#groups) {
      const job = except.includes(group) ? undefined : this.#firstOf(group, turns);
      if (job && job.dueAt <= now && (!first || isEarlier(job, first))) first = job;
    }
    if (!first) return undefined;
    this.#groups.get(first.group)?.pop();
    first.dueAt = Number.NaN;
    return first;
  }

  /** The earliest time at which a group has its first turn, of those after a time. */
  nextAfter(now: number): number | undefined {
    let next: number | undefined;
    for (const [group, turns] of this.#groups) {
      const dueAt = this.#firstOf(group, turns)?.dueAt;
      if (dueAt !== undefined && dueAt > now && !(next !== undefined && next <= dueAt)) next = dueAt;
    }
    return next;
  }

  #firstOf(group: string, turns: DueHeap<JobTurn>): MemoryJob | undefined {
    for (let turn = turns.peek(); turn; turn = turns.peek()) {
      const job = this.#jobOf(turn);
      if (job) return job;
      turns.pop();
    }
    this.#groups.delete(group);
    return undefined;
  }
}
