import { ConfigurationError } from "../../errors.ts";
import type { LeaseRef, Settlement } from "../queue.ts";
import { recounted } from "./rabbitmq-arrivals.ts";
import type { Consumer } from "./rabbitmq-consumer.ts";
import type { FrameCounts } from "./rabbitmq-frame.ts";
import type { Lease, Leases } from "./rabbitmq-leases.ts";
import type { Mover } from "./rabbitmq-mover.ts";

/** What ending leases takes. */
export interface SettlingOptions {
  readonly leases: Leases;
  readonly consumer: Consumer;
  readonly mover: Mover;
}

/** A lease whose job is to be done again, and how it stands then. */
interface Return {
  readonly lease: Lease;
  readonly counts: FrameCounts;
}

/** Ends leases as their holders ask for. */
export class Settling {
  readonly #options: SettlingOptions;
  /** Leases that ended as they should in a call that failed for another: its caller will ask again. */
  readonly #settled = new Set<string>();

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** Answers those that were lost. Where one cannot be ended because the broker fails, it lasts on, and the call rejects. */
  async settle(settlements: readonly Settlement[]): Promise<readonly LeaseRef[]> {
    const { leases, consumer } = this.#options;
    const lost: LeaseRef[] = [];
    const acknowledged: Lease[] = [];
    const returned: Return[] = [];
    for (const settlement of settlements) {
      if (this.#settled.delete(settlement.lease)) continue;
      const lease = leases.take(settlement);
      if (!lease || !consumer.isHeld(lease.delivery)) lost.push({ id: settlement.id, lease: settlement.lease });
      else if (settlement.outcome === "acknowledge") acknowledged.push(lease);
      else returned.push({ lease, counts: countsAfter(settlement, lease) });
    }
    consumer.acknowledge(acknowledged.map(({ delivery }) => delivery));
    if (returned.length > 0) await this.#return(returned, acknowledged);
    return lost;
  }

  async #return(returned: readonly Return[], acknowledged: readonly Lease[]): Promise<void> {
    const { leases, consumer, mover } = this.#options;
    const results = await Promise.allSettled(returned.map(({ lease, counts }) => mover.forward(recounted(lease.delivery, counts))));
    const failure = results.find((result) => result.status === "rejected");
    if (!failure) return;
    for (const { ref } of acknowledged) this.#settled.add(ref.lease);
    for (const [index, { lease }] of returned.entries()) {
      if (results[index]?.status === "fulfilled") this.#settled.add(lease.ref.lease);
      else if (consumer.isHeld(lease.delivery)) leases.putBack(lease);
    }
    throw failure.reason;
  }
}

/** The counts of a job that a worker gives back. */
function countsAfter(settlement: Exclude<Settlement, { outcome: "acknowledge" }>, { attempt, crashes }: Lease): FrameCounts {
  switch (settlement.outcome) {
    case "release":
      return { dueAtMs: settlement.dueAt?.getTime() ?? 0, attempts: attempt - 1, crashes };
    case "retry":
      return { dueAtMs: settlement.dueAt.getTime(), attempts: attempt, crashes: 0 };
    case "dead":
      throw unsupported("keep dead letters");
    default:
      return settlement satisfies never;
  }
}

/** Refuses dead letters, before anything is settled, so that the call changes nothing. */
export function refuseDead(settlements: readonly Settlement[]): void {
  if (settlements.some(({ outcome }) => outcome === "dead")) throw unsupported("keep dead letters");
}

/** The error for what RabbitMQ cannot do. */
export function unsupported(what: string): ConfigurationError {
  return new ConfigurationError("unsupported", `The RabbitMQ queue cannot ${what}.`);
}
