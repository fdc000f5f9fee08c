import { DueHeap, type Turn } from "../due-heap.ts";
import type { MemoryJob } from "./memory-job.ts";

/** Whose turn it is among the jobs of each ordering key. */
export class MemoryLanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #isStored: (job: MemoryJob) => boolean;

  constructor(isStored: (job: MemoryJob) => boolean) {
    this.#isStored = isStored;
  }

  /** Puts a job in the line of its key, by when it was sent. */
  add(job: MemoryJob): void {
    if (!job.ordering) return;
    const { key } = job.ordering;
    const lane = this.#lanes.get(key) ?? new Lane((each) => this.#holdsUp(each));
    this.#lanes.set(key, lane);
    lane.add(job);
  }

  /** After whatever may change whose turn it is among the jobs of its key. Answers the job whose turn has just come. */
  pass({ ordering }: MemoryJob): MemoryJob | undefined {
    const lane = ordering && this.#lanes.get(ordering.key);
    if (!lane) return undefined;
    const turn = lane.pass();
    if (lane.isEmpty) this.#lanes.delete(ordering.key);
    return turn;
  }

  /** Whether a job may be handed out, as far as its key is concerned. */
  hasTurn(job: MemoryJob): boolean {
    return !job.ordering || this.#lanes.get(job.ordering.key)?.turn === job;
  }

  /** Whether those behind it wait for it. */
  #holdsUp(job: MemoryJob): boolean {
    return this.#isStored(job) && (job.deadAt === undefined || job.ordering?.afterDead === "wait");
  }
}

interface Place extends Turn {
  readonly job: MemoryJob;
}

/** The jobs of one ordering key, and whose turn it is. */
class Lane {
  /** The job that may be handed out: the one that is held, or else the first, unless that is a dead letter. */
  turn: MemoryJob | undefined;
  readonly #queue = new DueHeap<Place>();
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
