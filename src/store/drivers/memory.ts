import { randomUUID } from "node:crypto";
import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import type { NewJob } from "../../job.ts";
import { OpenCalls } from "../../open-calls.ts";
import type {
  Acceptance,
  AcceptanceResult,
  Bodies,
  BodyCount,
  BodyTerm,
  DeadLetter,
  DeadLetterPage,
  DeadLetterStore,
  DeliveryClaim,
  DeliveryKey,
  Outbox,
  Store,
} from "../store.ts";

interface Delivery {
  readonly bodyChecksum: number;
  readonly claim: string;
  readonly isDone: boolean;
  readonly expiresAt: number;
}

/** How many deliveries each completion looks at for expired ones. More than one, so that the store shrinks faster than it grows. */
const sweepSize = 8;

/** A store for tests and trials: it keeps every promise of {@link Store} within one process, until that ends. */
export function memoryStore({ clock = systemClock }: { readonly clock?: Clock } = {}): Store {
  return new MemoryStore(clock);
}

class MemoryStore implements Store {
  readonly isDurable = false;
  readonly outbox: MemoryOutbox;
  readonly bodies: Bodies;
  readonly deadLetters: DeadLetterStore;
  readonly #clock: Clock;
  readonly #deliveries = new Map<string, Delivery>();
  readonly #calls = new OpenCalls("The store");
  #sweep = this.#deliveries.entries();

  constructor(clock: Clock) {
    this.#clock = clock;
    const assertOpen = (): void => this.#calls.check();
    this.outbox = new MemoryOutbox(clock, assertOpen);
    this.bodies = new MemoryBodies(clock, assertOpen);
    this.deadLetters = new MemoryDeadLetters(assertOpen);
  }

  async claimDelivery(key: DeliveryKey, { leaseMs }: { readonly leaseMs: number }): Promise<DeliveryClaim> {
    this.#calls.check();
    const known = this.#known(key);
    if (known) return known;
    const claim = randomUUID();
    this.#deliveries.set(keyText(key), { bodyChecksum: key.bodyChecksum, claim, isDone: false, expiresAt: this.#now() + leaseMs });
    return { state: "claimed", claim };
  }

  async completeDelivery(key: DeliveryKey, claim: string, { retentionMs }: { readonly retentionMs: number }): Promise<void> {
    this.#calls.check();
    const known = this.#held(key, claim);
    if (known) this.#deliveries.set(keyText(key), { ...known, isDone: true, expiresAt: this.#now() + retentionMs });
    this.#sweepSome();
  }

  async releaseDelivery(key: DeliveryKey, claim: string): Promise<void> {
    this.#calls.check();
    if (this.#held(key, claim)) this.#deliveries.delete(keyText(key));
  }

  async acceptDelivery({ key, claim, retentionMs, leaseMs, jobs, to }: Acceptance): Promise<AcceptanceResult> {
    this.#calls.check();
    if (to === "queue") throw new TypeError("The memory store shares no database with a queue. Accept to the outbox.");
    if (key) {
      const refusal = this.#refusal(key, claim);
      if (refusal) return refusal;
      const done = { bodyChecksum: key.bodyChecksum, claim: claim ?? randomUUID(), isDone: true };
      this.#deliveries.set(keyText(key), { ...done, expiresAt: this.#now() + retentionMs });
      this.#sweepSome();
    }
    this.outbox.add(jobs, leaseMs);
    return { state: "accepted" };
  }

  close(): Promise<void> {
    return this.#calls.close(async () => this.#deliveries.clear());
  }

  #now(): number {
    return elapsedMs(this.#clock);
  }

  #held(key: DeliveryKey, claim: string): Delivery | undefined {
    const known = this.#deliveries.get(keyText(key));
    return known && known.claim === claim && !known.isDone ? known : undefined;
  }

  /** What stands against a claim. */
  #known(key: DeliveryKey): Exclude<DeliveryClaim, { state: "claimed" }> | undefined {
    const known = this.#deliveries.get(keyText(key));
    if (!known || known.expiresAt <= this.#now()) return undefined;
    return known.isDone ? { state: "done", sameBody: known.bodyChecksum === key.bodyChecksum } : { state: "running" };
  }

  /** What stands against recording it under this claim, or without one. */
  #refusal(key: DeliveryKey, claim: string | undefined): Exclude<AcceptanceResult, { state: "accepted" }> | undefined {
    if (claim === undefined) return this.#known(key);
    return this.#held(key, claim) ? undefined : this.#known(key);
  }

  /** Goes round all deliveries, a few at each call. */
  #sweepSome(): void {
    const now = this.#now();
    for (let count = 0; count < sweepSize; count++) {
      const next = this.#sweep.next();
      if (next.done) {
        this.#sweep = this.#deliveries.entries();
        return;
      }
      const [key, delivery] = next.value;
      if (delivery.expiresAt <= now) this.#deliveries.delete(key);
    }
  }
}

interface Outgoing {
  readonly job: NewJob;
  /** Until when it is somebody's. */
  takenUntil: number;
}

/** Jobs on their way, in the order in which they were accepted. */
class MemoryOutbox implements Outbox {
  readonly #clock: Clock;
  readonly #assertOpen: () => void;
  readonly #outgoing = new Map<string, Outgoing>();

  constructor(clock: Clock, assertOpen: () => void) {
    this.#clock = clock;
    this.#assertOpen = assertOpen;
  }

  add(jobs: readonly NewJob[], leaseMs: number): void {
    const takenUntil = elapsedMs(this.#clock) + leaseMs;
    for (const job of jobs) {
      if (!this.#outgoing.has(job.id)) this.#outgoing.set(job.id, { job: { ...job, body: new Uint8Array(job.body) }, takenUntil });
    }
  }

  async take({ limit, leaseMs }: { readonly limit: number; readonly leaseMs: number }): Promise<readonly NewJob[]> {
    this.#assertOpen();
    const now = elapsedMs(this.#clock);
    const taken: Outgoing[] = [];
    for (const each of this.#first()) {
      if (taken.length >= limit) break;
      if (each.takenUntil <= now) taken.push(each);
    }
    for (const each of taken) each.takenUntil = now + leaseMs;
    return taken.map(({ job }) => job);
  }

  async remove(ids: readonly string[]): Promise<void> {
    this.#assertOpen();
    for (const id of ids) this.#outgoing.delete(id);
  }

  async count(): Promise<number> {
    this.#assertOpen();
    return this.#outgoing.size;
  }

  /** Of each ordering key the first only, so that none overtakes another on the way. */
  *#first(): Generator<Outgoing> {
    const keys = new Set<string>();
    for (const each of this.#outgoing.values()) {
      const key = each.job.ordering?.key;
      if (key === undefined || !keys.has(key)) yield each;
      if (key !== undefined) keys.add(key);
    }
  }
}

class MemoryBodies implements Bodies {
  readonly #clock: Clock;
  readonly #assertOpen: () => void;
  readonly #bodies = new Map<string, { readonly body: Uint8Array; keptUntil: number | undefined }>();
  #countedMs = 0;
  #seenAt: number;

  constructor(clock: Clock, assertOpen: () => void) {
    this.#clock = clock;
    this.#assertOpen = assertOpen;
    this.#seenAt = elapsedMs(clock);
  }

  async put(id: string, body: Uint8Array, term?: BodyTerm): Promise<void> {
    this.#assertOpen();
    this.#bodies.set(id, { body: new Uint8Array(body), keptUntil: term && this.#countedMs + term.keepMs });
  }

  async get(ids: readonly string[], term?: BodyTerm): Promise<ReadonlyMap<string, Uint8Array>> {
    if (term) await this.keep(ids, term);
    this.#assertOpen();
    const found = ids.flatMap((id) => {
      const kept = this.#bodies.get(id);
      return kept ? [[id, new Uint8Array(kept.body)] as const] : [];
    });
    return new Map(found);
  }

  async remove(ids: readonly string[]): Promise<void> {
    this.#assertOpen();
    for (const id of ids) this.#bodies.delete(id);
  }

  async keep(ids: readonly string[], { keepMs }: BodyTerm): Promise<void> {
    this.#assertOpen();
    for (const id of ids) {
      const kept = this.#bodies.get(id);
      if (kept) kept.keptUntil = Math.max(kept.keptUntil ?? 0, this.#countedMs + keepMs);
    }
  }

  async count({ keepMs, atMostMs }: BodyCount): Promise<number | undefined> {
    this.#assertOpen();
    const now = elapsedMs(this.#clock);
    this.#countedMs += Math.min(Math.max(now - this.#seenAt, 0), atMostMs);
    this.#seenAt = now;
    let first = Number.POSITIVE_INFINITY;
    for (const kept of this.#bodies.values()) {
      kept.keptUntil ??= this.#countedMs + keepMs;
      first = Math.min(first, kept.keptUntil);
    }
    return this.#bodies.size === 0 ? undefined : first - this.#countedMs;
  }

  async sweep({ limit }: { readonly limit: number }): Promise<number> {
    this.#assertOpen();
    const over = [...this.#bodies].filter(([, { keptUntil }]) => keptUntil !== undefined && keptUntil <= this.#countedMs).slice(0, limit);
    for (const [id] of over) this.#bodies.delete(id);
    return over.length;
  }
}

class MemoryDeadLetters implements DeadLetterStore {
  readonly #assertOpen: () => void;
  readonly #letters = new Map<string, { readonly seq: number; readonly letter: DeadLetter }>();
  #seq = 0;

  constructor(assertOpen: () => void) {
    this.#assertOpen = assertOpen;
  }

  async add(letter: DeadLetter): Promise<void> {
    this.#assertOpen();
    this.#letters.delete(letter.id);
    this.#letters.set(letter.id, { seq: ++this.#seq, letter: { ...letter, body: new Uint8Array(letter.body) } });
  }

  async list({ limit, after = "0" }: { readonly limit: number; readonly after?: string }): Promise<DeadLetterPage> {
    this.#assertOpen();
    const rest = [...this.#letters.values()].filter(({ seq }) => seq > Number(after));
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const letters = page.map(({ letter }) => letter);
    return { letters, total: this.#letters.size, ...(last && rest.length > page.length ? { next: String(last.seq) } : {}) };
  }

  async get(ids: readonly string[]): Promise<readonly DeadLetter[]> {
    this.#assertOpen();
    return [...new Set(ids)].flatMap((id) => this.#letters.get(id)?.letter ?? []);
  }

  async remove(ids: readonly string[] | "all"): Promise<number> {
    this.#assertOpen();
    const before = this.#letters.size;
    if (ids === "all") this.#letters.clear();
    else for (const id of ids) this.#letters.delete(id);
    return before - this.#letters.size;
  }

  async forget(letters: readonly Pick<DeadLetter, "id" | "deadAt">[]): Promise<void> {
    this.#assertOpen();
    for (const { id, deadAt } of letters) {
      if (this.#letters.get(id)?.letter.deadAt.getTime() === deadAt.getTime()) this.#letters.delete(id);
    }
  }
}

function keyText({ receiver, id, deliveryId }: DeliveryKey): string {
  return JSON.stringify([receiver, id, deliveryId]);
}
