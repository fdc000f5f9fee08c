import { randomUUID } from "node:crypto";
import { afterEach, beforeEach } from "@jest/globals";
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { natsQueue } from "../../../src/queue/drivers/nats.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { serviceUrl } from "../../support/services.ts";
import { until } from "../../support/until.ts";

/** Longer than any test. */
export const leaseMs = 60_000;

/** A name that no other test has. */
export function newName(): string {
  return `test-${randomUUID()}`;
}

/** A connection to the server, not the queue's. */
export function connectToServer(): Promise<NatsConnection> {
  return connect({ servers: new URL(serviceUrl("nats")).host });
}

/** Removes all that a queue has made. */
export async function removeStreams(manager: JetStreamManager, name: string): Promise<void> {
  for (const stream of [name, `${name}-state`, `${name}-dead`]) await manager.streams.delete(stream).catch(() => false);
}

/** Two processes' queues of one name, and what looks at them from outside; new for each test. */
export class NatsFixture {
  name = "";
  queue!: Queue;
  other!: Queue;
  connection!: NatsConnection;
  manager!: JetStreamManager;

  /** Registers what runs before and after each test of the suite at hand. */
  constructor() {
    beforeEach(() => this.#start());
    afterEach(() => this.#end());
  }

  open(): Queue {
    return natsQueue({ connection: serviceUrl("nats"), name: this.name });
  }

  settle(by: Queue, ...settlements: Settlement[]) {
    return by.claim({ limit: 0, leaseMs, settle: settlements });
  }

  async claimOne(by: Queue, lease = leaseMs): Promise<LeasedJob> {
    const jobs: LeasedJob[] = [];
    await until(async () => jobs.push(...(await by.claim({ limit: 1, leaseMs: lease })).jobs) > 0);
    return jobs[0]!;
  }

  async messagesOf(stream: string): Promise<number> {
    return (await this.manager.streams.info(stream)).state.messages;
  }

  async ackWaitMs(): Promise<number> {
    return ((await this.manager.consumers.info(this.name, "workers")).config.ack_wait ?? 0) / 1_000_000;
  }

  async #start(): Promise<void> {
    this.name = newName();
    this.queue = this.open();
    this.other = this.open();
    this.connection = await connectToServer();
    this.manager = await jetstreamManager(this.connection);
  }

  async #end(): Promise<void> {
    await Promise.all([this.queue.close(), this.other.close()]);
    await removeStreams(this.manager, this.name);
    await this.connection.close();
  }
}
