import { type Clock, systemClock } from "../clock.ts";
import { ConfigurationError } from "../errors.ts";
import { OpenCalls } from "../open-calls.ts";
import { capabilitiesOf, type QueueCapabilities } from "../queue/capabilities.ts";
import type {
  ClaimOptions,
  ClaimResult,
  JobPage,
  JobQuery,
  LeasedJob,
  LeaseRef,
  NewJob,
  Queue,
  Settlement,
  StoredJob,
} from "../queue/queue.ts";
import type { DeadLetter, Store } from "../store/store.ts";
import { holdOf } from "./stored-hold.ts";

/** Dead letters that are sent again or deleted together. */
const pageSize = 100;

type Died = Extract<Settlement, { readonly outcome: "dead" }>;

/**
 * A queue whose engine keeps no dead letters, with the store to keep them; any other queue as it is. Order within a key is not
 * kept, even by an engine that could: it would not know of the dead letter that the others wait for.
 */
export function withStoredDeadLetters(
  queue: Queue,
  store: () => Promise<Store>,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Queue {
  return capabilitiesOf(queue).deadLetters ? queue : new StoredDeadLetters(queue, store, clock);
}

class StoredDeadLetters implements Queue {
  readonly capabilities: QueueCapabilities;
  readonly #queue: Queue;
  readonly #store: () => Promise<Store>;
  readonly #clock: Clock;
  /** What is held: at its death a job is known by its lease alone. */
  readonly #held = new Map<string, LeasedJob>();
  readonly #calls = new OpenCalls("The queue");

  constructor(queue: Queue, store: () => Promise<Store>, clock: Clock) {
    this.capabilities = { ...capabilitiesOf(queue), deadLetters: true, ordering: false };
    this.#queue = queue;
    this.#store = store;
    this.#clock = clock;
  }

  async send(job: NewJob): Promise<void> {
    if (job.ordering)
      throw new ConfigurationError(
        "unsupported",
        `${this.capabilities.engine} keeps no dead letters, and so no order of jobs with one key.`,
      );
    await this.#queue.send(job);
  }

  claim(options: ClaimOptions): Promise<ClaimResult> {
    return this.#calls.run(() => this.#claim(options));
  }

  async renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    const lost = await this.#queue.renew(leases, leaseMs);
    for (const each of lost) this.#held.delete(holdOf(each));
    return lost;
  }

  watch(listener: () => void): () => void {
    return this.#queue.watch(listener);
  }

  async list(query: JobQuery): Promise<JobPage> {
    if (query.state === "open") return this.#queue.list(query);
    const { limit = pageSize, after } = query;
    const { letters, ...page } = await this.#calls.run(async () =>
      (await this.#deadLetters()).list({ limit, ...(after === undefined ? {} : { after }) }),
    );
    return { ...page, jobs: letters.map(asStoredJob) };
  }

  retry(ids: readonly string[] | "all"): Promise<number> {
    return this.#calls.run(() => (ids === "all" ? this.#retryAll() : this.#retryEach(ids)));
  }

  purge(ids: readonly string[] | "all"): Promise<number> {
    return this.#calls.run(async () => (await this.#deadLetters()).remove(ids));
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#queue.close());
  }

  async #claim(options: ClaimOptions): Promise<ClaimResult> {
    const settle = options.settle ?? [];
    const buried = await this.#bury(settle.filter(isDead), options.leaseMs);
    const result = await this.#queue.claim({
      ...options,
      settle: settle.filter((each) => !isDead(each) || buried.has(each)).map(asAcknowledged),
    });
    const lost = [...result.lost, ...settle.filter((each) => isDead(each) && !buried.has(each)).map(({ id, lease }) => ({ id, lease }))];
    for (const each of settle) this.#held.delete(holdOf(each));
    for (const job of result.jobs) this.#held.set(holdOf(job), { ...job, body: new Uint8Array(job.body) }); // a handler may change its own
    return { ...result, lost };
  }

  /**
   * Stores jobs that died. Only those still held: another holder may yet bring the job to a better end. If the process ends before
   * the engine has been told, the job runs and dies again, and its second letter takes the place of the first.
   */
  async #bury(dead: readonly Died[], leaseMs: number): Promise<ReadonlySet<Settlement>> {
    if (dead.length === 0) return new Set();
    await this.renew(dead, leaseMs); // lets go of those that are lost
    const deadLetters = await this.#deadLetters();
    const buried = dead.flatMap((settlement) => {
      const job = this.#held.get(holdOf(settlement));
      return job ? [{ settlement, job }] : [];
    });
    const deadAt = this.#clock.now();
    await Promise.all(buried.map(({ settlement: { reason }, job }) => deadLetters.add(letterOf(job, reason, deadAt))));
    return new Set(buried.map(({ settlement }) => settlement));
  }

  async #retryEach(ids: readonly string[]): Promise<number> {
    const deadLetters = await this.#deadLetters();
    let count = 0;
    for (const page of pagesOf([...new Set(ids)])) count += await this.#sendAgain(await deadLetters.get(page));
    return count;
  }

  /** As many as there are now: those that die again meanwhile come last, and wait for another call. */
  async #retryAll(): Promise<number> {
    const deadLetters = await this.#deadLetters();
    let { total } = await deadLetters.list({ limit: 0 });
    let count = 0;
    while (total > 0) {
      const { letters } = await deadLetters.list({ limit: Math.min(total, pageSize) });
      if (letters.length === 0) break;
      count += await this.#sendAgain(letters);
      total -= letters.length;
    }
    return count;
  }

  /** Sends first, forgets then: in between a crash means another run. */
  async #sendAgain(letters: readonly DeadLetter[]): Promise<number> {
    const results = await Promise.allSettled(letters.map((letter) => this.#queue.send(jobOf(letter))));
    const sent = letters.filter((_, index) => results[index]?.status === "fulfilled");
    // A job that was sent again may have died again by now: that letter stays.
    await (await this.#deadLetters()).forget(sent);
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
    return sent.length;
  }

  async #deadLetters(): Promise<Store["deadLetters"]> {
    return (await this.#store()).deadLetters;
  }
}

function isDead(settlement: Settlement): settlement is Died {
  return settlement.outcome === "dead";
}

function asAcknowledged(settlement: Settlement): Settlement {
  const { id, lease } = settlement;
  return isDead(settlement) ? { id, lease, outcome: "acknowledge" } : settlement;
}

function letterOf({ id, handler, head, body, group, attempt }: LeasedJob, reason: string, deadAt: Date): DeadLetter {
  return { id, handler, head, body, group, attempts: attempt, reason, deadAt };
}

function jobOf({ id, handler, head, body, group }: DeadLetter): NewJob {
  return { id, handler, head, body, ...(group === undefined ? {} : { group }) };
}

function asStoredJob({ id, handler, head, body, group = "", attempts, reason, deadAt }: DeadLetter): StoredJob {
  return { id, handler, head, body, group, attempts, reason, deadAt, dueAt: deadAt };
}

function pagesOf(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / pageSize) }, (_, page) => ids.slice(page * pageSize, (page + 1) * pageSize));
}
