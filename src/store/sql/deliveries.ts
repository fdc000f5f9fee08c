import { randomUUID } from "node:crypto";
import type { DeliveryClaim, DeliveryKey } from "../store.ts";
import type { DeliveryStatements } from "./delivery-statements.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Row, SqlPort, Step } from "./port.ts";

/** A call of `claimDelivery`. */
export interface ClaimCall {
  readonly key: DeliveryKey;
  readonly leaseMs: number;
  readonly delivery: string;
}

/** A hold on a delivery. */
export interface Held {
  readonly delivery: string;
  readonly claim: string;
}

/** A call of `completeDelivery`. */
export interface Completion extends Held {
  readonly bodyChecksum: number;
  readonly retentionMs: number;
}

/** What claims and records need. */
export interface DeliveriesOptions {
  readonly port: SqlPort;
  readonly statements: DeliveryStatements;
  readonly isConcurrent: boolean;
  /** Who claims. */
  readonly owner: string;
}

/** Which deliveries are handled by somebody, and which have been. Every method takes a group of calls, each of another delivery. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  #recorded = 0;
  #sweeps = 0;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Claims what is free, and answers what is known of the rest. */
  async claim(calls: readonly ClaimCall[]): Promise<readonly DeliveryClaim[]> {
    const { statements, port, owner, isConcurrent } = this.#options;
    const given = calls.map(({ delivery, leaseMs }) => ({ delivery, claim: randomUUID(), owner, lease_ms: leaseMs }));
    const [result] = await port.run([{ statement: statements.claim, given }], { durable: false });
    // With one writer at a time, what could be claimed is not done.
    if (!isConcurrent && result?.rows.length === calls.length) return given.map(({ claim }) => ({ state: "claimed", claim }));
    const claimed = new Set(result?.rows.map(readDelivery));
    // Where transactions run side by side, one may have completed a delivery while this one looked at what was before.
    const done = await this.readDone(given.map(({ delivery }) => delivery).filter((delivery) => isConcurrent || !claimed.has(delivery)));
    const held = given.filter(({ delivery }) => claimed.has(delivery));
    await this.release(held.filter(({ delivery }) => done.has(delivery)));
    const claims = new Map(held.map(({ delivery, claim }) => [delivery, claim]));
    return calls.map(({ key, delivery }) => stateOf(key, done.get(delivery), claims.get(delivery)));
  }

  /** Records what is held under its claim. */
  async complete(calls: readonly Completion[]): Promise<void> {
    const given = calls.map((call) => recordValues(call, this.#options.owner));
    const steps = this.#options.statements.complete.map((statement): Step => ({ statement, given }));
    await this.#options.port.run([...steps, ...this.sweepAfter(calls.length)], { durable: false });
  }

  /** Gives back what is held under its claim. */
  async release(held: readonly Held[]): Promise<void> {
    if (held.length === 0) return;
    const given = held.map(({ delivery, claim }) => ({ delivery, claim }));
    await this.#options.port.run([{ statement: this.#options.statements.release, given }], { durable: false });
  }

  /** The checksums of the bodies of those that are done. */
  async readDone(deliveries: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (deliveries.length === 0) return new Map();
    const given = deliveries.map((delivery) => ({ delivery }));
    const [result] = await this.#options.port.run([{ statement: this.#options.statements.readDone, given }], { durable: false });
    return new Map(result?.rows.map((row) => [readDelivery(row), Number(row["body_checksum"])]));
  }

  /**
   * What to run along with records: now and then something that forgets more expired deliveries than have been recorded since, so that
   * the store shrinks faster than it grows.
   */
  sweepAfter(recorded: number): readonly Step[] {
    const { statements, isConcurrent } = this.#options;
    this.#recorded += recorded;
    if (this.#recorded < (isConcurrent ? 64 : 8)) return [];
    const limit = 16 * this.#recorded;
    this.#recorded = 0;
    const sweep: Step = { statement: statements.sweepDeliveries, settings: { limit } };
    if (this.#sweeps++ % sweepsPerSweepOfClaims > 0) return [sweep];
    return [sweep, { statement: statements.sweepClaims, settings: { abandoned_ms: abandonedMs } }];
  }
}

/** The whole table is looked at, which is small, except for rows that a server has still to clear away. */
const sweepsPerSweepOfClaims = 16;
/** A claim that ran out may still be completed for a while, as long as nobody else has claimed the delivery. */
const abandonedMs = 24 * 60 * 60 * 1_000;

/** A record to be made, as a row. */
function recordValues({ delivery, claim, bodyChecksum, retentionMs }: Completion, owner: string) {
  return { delivery, claim, owner, body_checksum: bodyChecksum, retention_ms: retentionMs };
}

/** Which delivery a row is about. */
export function readDelivery(row: Row): string {
  return String(row["delivery"]);
}

/** A call, with the delivery as the database has it. */
export function claimCall(key: DeliveryKey, leaseMs: number): ClaimCall {
  return { key, leaseMs, delivery: fingerprint(key) };
}

function stateOf({ bodyChecksum }: DeliveryKey, done: number | undefined, claim: string | undefined): DeliveryClaim {
  if (done !== undefined) return { state: "done", sameBody: done === bodyChecksum };
  return claim === undefined ? { state: "running" } : { state: "claimed", claim };
}
