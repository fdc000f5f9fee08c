import { fingerprint } from "../../src/store/sql/fingerprint.ts";
import { AttemptLog } from "./attempts.ts";
import type { Holding } from "./place.ts";
import { provider } from "./provider.ts";

/** What becomes of a delivery: its handler does it, none wants it, or its handler always fails. */
export type Fate = "done" | "ignored" | "dead";

/** What a ledger has to know. */
export interface LedgerOptions {
  /** The file that has every attempt that was claimed and that began. */
  readonly attempts: string;
  readonly maxAttempts: number;
  /** Whether jobs pass through an outbox on their way to the queue. */
  readonly hasOutbox: boolean;
}

/** The test's own account of what it has delivered, to be compared with what the application has made of it. */
export class Ledger {
  readonly #attempts: AttemptLog;
  readonly #maxAttempts: number;
  readonly #hasOutbox: boolean;
  readonly #accepted = new Map<string, Fate>();
  /** How many claims of each job may have been made without a trace in the attempts that are compared. */
  #unseenClaims = 0;

  constructor({ attempts, maxAttempts, hasOutbox }: LedgerOptions) {
    this.#attempts = new AttemptLog(attempts);
    this.#maxAttempts = maxAttempts;
    this.#hasOutbox = hasOutbox;
  }

  /** A delivery was answered 2xx. */
  accept(id: string, fate: Fate): void {
    this.#accepted.set(id, fate);
  }

  /** A fault happened in which a claim may have been made, once for each job, that no application could write down. */
  mayHaveClaimed(): void {
    this.#unseenClaims++;
  }

  get acceptedIds(): readonly string[] {
    return [...this.#accepted.keys()];
  }

  /** Accepted deliveries of which there is no record: each of them could be lost. */
  unrecorded({ deliveries }: Pick<Holding, "deliveries">): readonly string[] {
    return this.#of("done", "dead").filter((id) => !deliveries.has(fingerprintOf(id)));
  }

  /** Whether everything that was accepted has come to an end. */
  isDrained({ open, dead, effects, leftOver }: Holding): boolean {
    if ((open ?? 0) > 0 || (leftOver["outbox"] ?? 0) > 0) return false;
    const hasEnded = (id: string) => effects.has(id) || dead.has(id);
    return this.#of("done", "dead").every(hasEnded);
  }

  /** What does not agree, in words; nothing where all is well. */
  differences(holding: Holding): readonly string[] {
    const { deliveries, open, dead, letters, effects, leftOver } = holding;
    const expected = new Set(this.#of("done", "dead").map(fingerprintOf));
    const tables = { "open jobs": open ?? 0, "dead letters kept by the store": letters.size, ...leftOver };
    return [
      ...this.unrecorded(holding).map((id) => `${id} was answered 2xx and is not recorded`),
      ...[...deliveries].filter((delivery) => !expected.has(delivery)).map((delivery) => `${delivery} is recorded and was never accepted`),
      ...[...this.#accepted].flatMap(([id, fate]) => this.#differencesOf(id, fate, holding)),
      ...[...dead.keys(), ...effects.keys()].filter((id) => !this.#accepted.has(id)).map((id) => `${id} was done and never accepted`),
      ...Object.entries(tables).flatMap(([name, rows]) => (rows === 0 ? [] : [`${name}: ${rows} are left`])),
    ];
  }

  /** What is wrong with the attempts; nothing where all is well. */
  attemptDifferences(): readonly string[] {
    const unseen = this.#unseenClaims;
    // An application that dies after the hand-over leaves its row in the outbox: that job is sent again, and the copy may outlast the first.
    const repeated = this.#hasOutbox ? unseen : 0;
    // One more where the last attempt was never settled, so that the claim after it found too many.
    const differences = this.#attempts.differences({ unseen, repeated, most: this.#maxAttempts + 1 });
    if (!this.#hasOutbox) {
      this.#attempts.turnPage();
      this.#unseenClaims = 0;
    }
    return differences;
  }

  #differencesOf(id: string, fate: Fate, { dead, effects }: Holding): readonly string[] {
    const is = { effects: effects.get(id) ?? 0, letters: dead.has(id) ? 1 : 0 };
    const shouldBe = { effects: fate === "done" ? 1 : 0, letters: fate === "dead" ? 1 : 0 };
    const maxAttempts = this.#maxAttempts;
    const attempts = dead.get(id) ?? maxAttempts;
    return [
      ...(is.effects === shouldBe.effects && is.letters === shouldBe.letters
        ? []
        : [`${id} (${fate}) had ${is.effects} effects and ${is.letters} dead letters`]),
      // One more where the last attempt was never settled, so that the claim after it found too many.
      ...(attempts === maxAttempts || attempts === maxAttempts + 1 ? [] : [`${id} was given up after ${attempts} attempts`]),
    ];
  }

  #of(...fates: readonly Fate[]): readonly string[] {
    return [...this.#accepted].filter(([, fate]) => fates.includes(fate)).map(([id]) => id);
  }
}

function fingerprintOf(deliveryId: string): string {
  return fingerprint({ receiver: provider.name, id: "default", deliveryId, bodyChecksum: 0 });
}
