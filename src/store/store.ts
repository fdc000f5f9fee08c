import type { NewJob } from "../job.ts";

/** What is known of a delivery that has just come in. */
export type DeliveryClaim =
  /** Not seen before, or an earlier run failed or died: this caller runs it, and then completes or releases it. */
  | { readonly state: "claimed"; readonly claim: string }
  /** Another caller is running it. */
  | { readonly state: "running" }
  /** It has been handled. `sameBody` is false where the body differs from the one that was handled. */
  | { readonly state: "done"; readonly sameBody: boolean };

/** Identity of a delivery, and a checksum of its body to notice two deliveries under one id. */
export interface DeliveryKey {
  readonly receiver: string;
  readonly id: string;
  readonly deliveryId: string;
  readonly bodyChecksum: number;
}

/** A delivery that has been handled as far as the request goes, and what is to be done for it later. */
export interface Acceptance {
  /** What it is known by; undefined where it is not remembered. */
  readonly key: DeliveryKey | undefined;
  /** The claim under which it ran; undefined where nothing was claimed, and then this claims it too. */
  readonly claim: string | undefined;
  readonly retentionMs: number;
  /** How long jobs in the outbox are left to the caller, in milliseconds; and a claim, where the commit makes one. */
  readonly leaseMs: number;
  readonly jobs: readonly NewJob[];
  /** `queue`: into the queue that is in the same database. `outbox`: kept until they are handed to a queue elsewhere. */
  readonly to: "queue" | "outbox";
}

/** What became of an acceptance. */
export type AcceptanceResult =
  /** The record and the jobs are committed and survive a crash. */
  | { readonly state: "accepted" }
  /** It was handled before, or is being handled, or the claim has passed on: nothing was stored. */
  | Exclude<DeliveryClaim, { state: "claimed" }>;

/** Jobs on their way to a queue in another place. */
export interface Outbox {
  /** Jobs that were not handed on within `leaseMs` of being accepted or last taken, oldest first; they are the caller's for `leaseMs`. */
  take(options: { readonly limit: number; readonly leaseMs: number }): Promise<readonly NewJob[]>;
  /** Forgets jobs that a queue has. */
  remove(ids: readonly string[]): Promise<void>;
  /** How many wait. */
  count(): Promise<number>;
}

/** How long a body is kept for what may still need it, in milliseconds of counted time: see {@link Bodies.count}. */
export interface BodyTerm {
  readonly keepMs: number;
}

/** What is said of time that passes for bodies. */
export interface BodyCount extends BodyTerm {
  /** The most that is counted at once, in milliseconds: what is beyond was a time in which nobody worked. */
  readonly atMostMs: number;
}

/**
 * Bodies that are too large for the queue, by the id of their job. Whoever removes a job removes its body; what a crash leaves behind is
 * removed when its term is over. A term runs only while somebody counts, so that no outage ends it, however long.
 */
export interface Bodies {
  /** Keeps a body; resolves when it would survive a crash. A second one under the same id replaces the first. Without a term it gets one at the next count. */
  put(id: string, body: Uint8Array, term?: BodyTerm): Promise<void>;
  /** The bodies that are there, by id; with a term they are kept for at least so long from now. */
  get(ids: readonly string[], term?: BodyTerm): Promise<ReadonlyMap<string, Uint8Array>>;
  remove(ids: readonly string[]): Promise<void>;
  /** Keeps the bodies that are there for at least so long from now. */
  keep(ids: readonly string[], term: BodyTerm): Promise<void>;
  /** Counts the time since anybody's last count, and gives bodies without a term this one; answers how long the shortest term still is, if there is a body. */
  count(options: BodyCount): Promise<number | undefined>;
  /** Removes bodies whose terms are over, at most `limit`; answers how many there were. */
  sweep(options: { readonly limit: number }): Promise<number>;
}

/** A job that failed as often as it may, kept for a queue whose engine keeps none. */
export interface DeadLetter extends NewJob {
  readonly attempts: number;
  readonly reason: string;
  readonly deadAt: Date;
}

/** A page of dead letters, oldest first. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  readonly total: number;
  readonly next?: string;
}

/** Dead letters of queues whose engines keep none. */
export interface DeadLetterStore {
  /** Keeps one; resolves when it would survive a crash. A second one with the same id replaces the first. */
  add(letter: DeadLetter): Promise<void>;
  list(query: { readonly limit: number; readonly after?: string }): Promise<DeadLetterPage>;
  /** Those of these ids that are there. */
  get(ids: readonly string[]): Promise<readonly DeadLetter[]>;
  /** Deletes; answers how many there were. */
  remove(ids: readonly string[] | "all"): Promise<number>;
  /** Deletes these letters, and not later ones with their ids. */
  forget(letters: readonly Pick<DeadLetter, "id" | "deadAt">[]): Promise<void>;
}

/**
 * Facts: which deliveries have been seen. What every driver promises, and the conformance suite checks:
 *
 * 1. Of any number of callers that claim one key at once, in any number of processes on the same store, one gets `claimed`.
 * 2. A claim that is neither completed nor released within `leaseMs` may be claimed again; completing or releasing under the old
 *    claim then changes nothing.
 * 3. A completed key answers `done` until `retentionMs` have passed since completion, and is forgotten some time later,
 *    so that the store stays bounded.
 * 4. `acceptDelivery` records and stores everything or nothing; of any number of callers with one key, one is `accepted`.
 * 5. A job in the outbox is taken by one caller at a time, and stays there until it is removed.
 * 6. A body stays until it is removed or swept, and is swept only when its term is over.
 * 7. After `close`, every method rejects with `closed`.
 */
export interface Store {
  /** Whether what it keeps survives the end of this process, and is seen by others. */
  readonly isDurable: boolean;
  /** Which database it is; a queue of the same location shares its commits. */
  readonly location?: unknown;
  /** Claims the right to handle a delivery. */
  claimDelivery(key: DeliveryKey, options: { readonly leaseMs: number }): Promise<DeliveryClaim>;
  /** Records that it has been handled. A crash may lose the record, which then only means another run. */
  completeDelivery(key: DeliveryKey, claim: string, options: { readonly retentionMs: number }): Promise<void>;
  /** Gives it back, so that the provider's next try runs. */
  releaseDelivery(key: DeliveryKey, claim: string): Promise<void>;
  /** Records that a delivery has been handled and stores its jobs, in one commit that survives a crash. */
  acceptDelivery(acceptance: Acceptance): Promise<AcceptanceResult>;
  readonly outbox: Outbox;
  readonly bodies: Bodies;
  readonly deadLetters: DeadLetterStore;
  close(): Promise<void>;
}
