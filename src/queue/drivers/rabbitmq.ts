import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { type Clock, systemClock } from "../../clock.ts";
import { ApplicationError, ConfigurationError } from "../../errors.ts";
import { Listeners } from "../../listeners.ts";
import { OpenCalls } from "../../open-calls.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, LeasedJob, LeaseRef, NewJob, Queue, Settlement } from "../queue.ts";
import { Arrivals, type JobDelivery } from "./rabbitmq-arrivals.ts";
import { Connections, type RabbitmqChannel, type RabbitmqConnection } from "./rabbitmq-connection.ts";
import { Consumer } from "./rabbitmq-consumer.ts";
import { encodeFrame } from "./rabbitmq-frame.ts";
import { Leases } from "./rabbitmq-leases.ts";
import { Mover } from "./rabbitmq-mover.ts";
import { Publisher } from "./rabbitmq-publisher.ts";
import { Returned } from "./rabbitmq-returned.ts";
import { refuseDead, Settling, unsupported } from "./rabbitmq-settling.ts";
import { Tidying } from "./rabbitmq-tidying.ts";
import { Topology } from "./rabbitmq-topology.ts";

export type { RabbitmqChannel, RabbitmqConnection, RabbitmqMessage, RabbitmqReturn } from "./rabbitmq-connection.ts";

/** Where the broker is, and how the queue uses it. */
export interface RabbitmqQueueOptions {
  /** `amqp://` or `amqps://` URL, or a `Connection` of `rabbitmq-client`, which stays open when the queue is closed. */
  readonly connection: string | RabbitmqConnection;
  /** Name of the work queue; the names of the others begin with it. Default "hookwright". */
  readonly name?: string;
  /** Largest number of jobs that this process holds at a time, leased ones included. Default 1,000. */
  readonly prefetch?: number;
  readonly clock?: Clock;
}

/**
 * Jobs in quorum queues of RabbitMQ, version 3.10 or later, through the package `rabbitmq-client`. Nothing is connected before the
 * first call, and nothing is consumed before the first claim.
 *
 * @throws ConfigurationError `invalid_options`. From every method: `closed`, or `package_missing`.
 * @throws ApplicationError `queue_unavailable` from every method where the broker did not do what it was asked for.
 */
export function rabbitmqQueue({ connection, name = "hookwright", prefetch = 1_000, clock = systemClock }: RabbitmqQueueOptions): Queue {
  const faults = [
    ...(typeof connection === "string" && !isBrokerUrl(connection)
      ? ["connection: expected an amqp:// or amqps:// URL, percent-encoded"]
      : []),
    ...(name.length > 0 && Buffer.byteLength(name) <= 200 ? [] : ["name: expected 1 to 200 bytes of text"]),
    ...(Number.isInteger(prefetch) && prefetch >= 1 && prefetch <= 65_535 ? [] : ["prefetch: expected a whole number from 1 to 65,535"]),
  ];
  // The URL holds a password, so the message does not repeat it.
  if (faults.length > 0) throw new ConfigurationError("invalid_options", `rabbitmqQueue: ${faults.join("; ")}.`);
  return new RabbitmqQueue(new Connections(connection), new Topology(name), prefetch, clock);
}

function isBrokerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname } = new URL(text);
  return ["amqp:", "amqps:"].includes(protocol) && [username, password, pathname].every(isPercentEncoded);
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** A broker of version 4 closes the channel of a message above 16 MiB, unless told otherwise; some room is left for the names in a job. */
const largestJobBytes = 16 * 1024 * 1024 - 64 * 1024;

const capabilities: Partial<QueueCapabilities> = {
  engine: "RabbitMQ",
  largestJobBytes,
  uniqueIds: false,
  strictOrder: false,
  ordering: false,
  exceptions: false,
  deadLetters: false,
  lists: false,
  counts: "none", // the broker counts neither what others hold nor what waits
};

/** How long a claim that finds nothing waits for a message that may be on its way. */
const momentMs = 20;

class RabbitmqQueue implements Queue {
  readonly capabilities = capabilities;
  readonly #connections: Connections;
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #publisher: Publisher;
  readonly #consumer: Consumer;
  readonly #arrivals: Arrivals;
  readonly #leases: Leases;
  readonly #mover: Mover;
  readonly #returned: Returned;
  readonly #settling: Settling;
  readonly #tidying: Tidying;
  readonly #listeners = new Listeners();
  readonly #calls = new OpenCalls("The queue");

  constructor(connections: Connections, topology: Topology, prefetch: number, clock: Clock) {
    this.#connections = connections;
    this.#topology = topology;
    this.#clock = clock;
    this.#publisher = new Publisher({ acquire: () => connections.acquire("publish"), reset: () => connections.reset("publish") });
    this.#arrivals = new Arrivals({
      clock,
      isHeld: (delivery) => this.#consumer.isHeld(delivery),
      forward: (delivery) => this.#mover.forward(delivery),
      setApart: (delivery) => this.#setApart(delivery),
      setAside: (delivery) => this.#mover.setAside(delivery),
      onReady: () => this.#onReady(),
    });
    this.#consumer = new Consumer({
      acquire: () => connections.acquire("consume"),
      queue: topology.work,
      pulled: topology.returned,
      clock,
      prefetch,
      onDelivery: (delivery) => this.#arrivals.add(delivery),
      onLost: (channel) => this.#onLost(channel),
    });
    const parts = { clock, topology, publisher: this.#publisher, consumer: this.#consumer, arrivals: this.#arrivals };
    this.#leases = new Leases(clock);
    this.#mover = new Mover(parts);
    this.#returned = new Returned({ ...parts, queue: topology.returned });
    this.#settling = new Settling({ ...parts, leases: this.#leases, mover: this.#mover });
    this.#tidying = new Tidying({ ...parts, leases: this.#leases, mover: this.#mover });
  }

  send(job: NewJob): Promise<void> {
    return this.#run(async () => {
      refuseUnsupported(job);
      const now = this.#clock.now().getTime();
      const dueAtMs = job.dueAt && job.dueAt.getTime() > now ? job.dueAt.getTime() : 0;
      await this.#publisher.publish(this.#topology.destination(dueAtMs - now), encodeFrame(job, dueAtMs));
      if (dueAtMs === 0) this.#listeners.call();
    });
  }

  claim({ limit, leaseMs, settle = [] }: ClaimOptions): Promise<ClaimResult> {
    return this.#run(async () => {
      refuseDead(settle);
      if (limit === 0 && settle.length === 0) await this.#consumer.ready();
      // First, since what ends makes room, and what is pushed into that while its consumer is changed comes back to the broker.
      if (limit > 0) await this.#prepareClaim(limit, settle);
      const lost = await this.#settling.settle(settle).catch((error: unknown) => {
        this.#tidying.noteLeases(); // those that last on
        throw error;
      });
      return { jobs: limit > 0 ? await this.#take(limit, leaseMs) : [], lost };
    });
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#run(async () => {
      const lost = leases.filter((lease) => !this.#leases.renew(lease, leaseMs));
      this.#tidying.noteLeases(leaseMs);
      return lost;
    });
  }

  watch(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  list(): Promise<JobPage> {
    return this.#run(() => Promise.reject(unsupported("list or count jobs")));
  }

  retry(): Promise<number> {
    return this.#run(() => Promise.reject(unsupported("keep dead letters")));
  }

  purge(): Promise<number> {
    return this.#run(() => Promise.reject(unsupported("keep dead letters")));
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return this.#calls.close(() => this.#shutDown());
  }

  async #shutDown(): Promise<void> {
    this.#tidying.close();
    await this.#consumer.stop().catch(() => undefined);
    await this.#arrivals.close();
    await this.#mover.close();
    await Promise.all([this.#consumer.close(), this.#publisher.close()]);
    await this.#connections.close();
  }

  async #prepareClaim(limit: number, settlements: readonly Settlement[]): Promise<void> {
    this.#tidying.noteClaim();
    const ending = this.#leases.deliveriesOf(settlements);
    const isNew = await this.#consumer.want(this.#leases.size - ending.length + limit, ending);
    if (isNew) this.#arrivals.giveBack(limit);
  }

  async #take(limit: number, leaseMs: number): Promise<readonly LeasedJob[]> {
    const returned = await this.#returned.take(limit);
    if (returned.length === 0 && this.#arrivals.readyCount === 0) {
      await this.#arrivals.wait(momentMs);
      await eventLoopTurn(); // what came in one piece is handed out in one piece
    }
    const deliveries = [...returned, ...this.#arrivals.take(limit - returned.length)];
    const jobs = deliveries.map((delivery) => this.#leases.grant(delivery, leaseMs));
    this.#tidying.noteClaim();
    if (jobs.length > 0) this.#tidying.noteLeases(leaseMs);
    return jobs;
  }

  async #setApart(delivery: JobDelivery): Promise<void> {
    await this.#mover.setApart(delivery);
    this.#returned.note();
    this.#listeners.call();
  }

  #onReady(): void {
    this.#tidying.noteReady();
    this.#listeners.call();
  }

  #onLost(channel: RabbitmqChannel): void {
    this.#leases.drop(channel);
    this.#arrivals.drop(channel);
    this.#listeners.call(); // whoever is told claims, and so connects again
  }

  /** Runs one call. `close` waits for it. */
  #run<Value>(call: () => Promise<Value>): Promise<Value> {
    return this.#calls.run(() => call().catch(failCall));
  }
}

function failCall(error: unknown): never {
  if (error instanceof ConfigurationError) throw error;
  throw new ApplicationError("queue_unavailable", undefined, { cause: error });
}

function refuseUnsupported({ ordering, head, body }: NewJob): void {
  if (ordering) throw unsupported("keep the jobs of an ordering key in order");
  const bytes = Buffer.byteLength(head) + body.byteLength;
  if (bytes > largestJobBytes) throw unsupported(`take a job of ${bytes} bytes; ${largestJobBytes} are the most`);
}
