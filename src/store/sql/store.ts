import { randomUUID } from "node:crypto";
import { OpenCalls } from "../../open-calls.ts";
import type { Acceptance, AcceptanceResult, Bodies, DeadLetterStore, DeliveryClaim, DeliveryKey, Outbox, Store } from "../store.ts";
import type { AcceptCall, AcceptGroup } from "./acceptance.ts";
import { sqlBodies } from "./bodies.ts";
import { sqlDeadLetters } from "./dead-letters.ts";
import { type ClaimCall, type Completion, claimCall, type Deliveries, type Held } from "./deliveries.ts";
import type { Dialect } from "./dialect.ts";
import { fingerprint } from "./fingerprint.ts";
import { groupedIn } from "./grouped.ts";
import { sqlOutbox } from "./outbox.ts";
import type { SqlPort } from "./port.ts";

/** A database, as a store needs it. */
export interface SqlStoreOptions {
  readonly port: SqlPort;
  readonly dialect: Dialect;
  readonly location: unknown;
  readonly deliveries: Deliveries;
  readonly accept: AcceptGroup;
  /** Runs once before the first claim, and again at the next if it fails. */
  readonly beforeClaims?: () => Promise<void>;
}

/** The store on a SQL database. */
export function sqlStore(options: SqlStoreOptions): Store {
  return new SqlStore(options);
}

class SqlStore implements Store {
  readonly isDurable = true;
  readonly location: unknown;
  readonly outbox: Outbox;
  readonly bodies: Bodies;
  readonly deadLetters: DeadLetterStore;
  readonly #options: SqlStoreOptions;
  readonly #claim: (call: ClaimCall) => Promise<DeliveryClaim>;
  readonly #complete: (call: Completion) => Promise<void>;
  readonly #release: (held: Held) => Promise<void>;
  readonly #accept: (call: AcceptCall) => Promise<boolean>;
  readonly #calls = new OpenCalls("The store");
  #preparing: Promise<void> | undefined;
  #isPrepared = false;

  constructor(options: SqlStoreOptions) {
    const { port, dialect, deliveries, accept, location } = options;
    this.#options = options;
    this.location = location;
    const outbox = sqlOutbox(port, dialect);
    this.outbox = { ...outbox, remove: (ids) => this.#calls.run(() => outbox.remove(ids)) };
    this.bodies = sqlBodies(port, dialect);
    this.deadLetters = sqlDeadLetters(port, dialect);
    this.#claim = groupedIn(dialect, { run: (calls: readonly ClaimCall[]) => deliveries.claim(calls), identityOf: ofDelivery });
    this.#complete = groupedIn(dialect, {
      run: (calls: readonly Completion[]) => answerNothing(calls, deliveries.complete(calls)),
      identityOf: ofDelivery,
    });
    this.#release = groupedIn(dialect, {
      run: (calls: readonly Held[]) => answerNothing(calls, deliveries.release(calls)),
      identityOf: ofDelivery,
    });
    const accepting = { run: accept, identityOf: ofDelivery, bytesOf };
    const acceptAny = groupedIn(dialect, accepting);
    const acceptInOrder = groupedIn(dialect, { ...accepting, groupsAtOnce: 1 });
    this.#accept = (call) => (call.acceptance.jobs.some(({ ordering }) => ordering) ? acceptInOrder : acceptAny)(call);
  }

  claimDelivery(key: DeliveryKey, { leaseMs }: { readonly leaseMs: number }): Promise<DeliveryClaim> {
    const call = claimCall(key, leaseMs);
    return this.#calls.run(() => (this.#isPrepared ? this.#claim(call) : this.#prepare().then(() => this.#claim(call))));
  }

  completeDelivery(key: DeliveryKey, claim: string, { retentionMs }: { readonly retentionMs: number }): Promise<void> {
    const completion = { delivery: fingerprint(key), claim, bodyChecksum: key.bodyChecksum, retentionMs };
    return this.#calls.run(() => this.#complete(completion));
  }

  releaseDelivery(key: DeliveryKey, claim: string): Promise<void> {
    return this.#calls.run(() => this.#release({ delivery: fingerprint(key), claim }));
  }

  acceptDelivery(acceptance: Acceptance): Promise<AcceptanceResult> {
    return this.#calls.run(() => this.#acceptOnce(acceptance));
  }

  /** Calls that wait for their group, or take several steps, are finished before the database is let go. */
  close(): Promise<void> {
    return this.#calls.close(() => this.#options.port.close());
  }

  async #prepare(): Promise<void> {
    this.#preparing ??= this.#options.beforeClaims?.().finally(() => {
      this.#preparing = undefined;
    });
    await this.#preparing;
    this.#isPrepared = true;
  }

  async #acceptOnce(acceptance: Acceptance): Promise<AcceptanceResult> {
    const { key, claim } = acceptance;
    const delivery = key && fingerprint(key);
    const call = { acceptance, delivery, claim: claim ?? randomUUID(), isClaimed: claim !== undefined };
    if (await this.#accept(call)) return { state: "accepted" };
    // A claim that nobody has any more, such as one that a power cut undid, is as good as none: then it is as if there had been none.
    return (await this.#readDone(call)) ?? (call.isClaimed ? await this.#acceptAnew(call) : { state: "running" });
  }

  async #acceptAnew(call: AcceptCall): Promise<AcceptanceResult> {
    if (await this.#accept({ ...call, claim: randomUUID(), isClaimed: false })) return { state: "accepted" };
    return (await this.#readDone(call)) ?? { state: "running" };
  }

  async #readDone({ acceptance: { key }, delivery = "" }: AcceptCall): Promise<AcceptanceResult | undefined> {
    const checksum = (await this.#options.deliveries.readDone([delivery])).get(delivery);
    return checksum === undefined ? undefined : { state: "done", sameBody: checksum === key?.bodyChecksum };
  }
}

function ofDelivery({ delivery }: { readonly delivery: string | undefined }): string | undefined {
  return delivery;
}

function bytesOf({ acceptance: { jobs } }: AcceptCall): number {
  return jobs.reduce((sum, { body, head }) => sum + body.byteLength + head.length, 0);
}

async function answerNothing(calls: readonly unknown[], done: Promise<void>): Promise<readonly undefined[]> {
  await done;
  return calls.map(() => undefined);
}
