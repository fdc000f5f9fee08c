import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import { ApplicationError, ConfigurationError } from "../../errors.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, LeasedJob, LeaseRef, NewJob, Queue } from "../queue.ts";
import { Alarm } from "./rabbitmq-alarm.ts";
import { Arrivals, recounted } from "./rabbitmq-arrivals.ts";
import { Connections, type RabbitmqChannel, type RabbitmqConnection } from "./rabbitmq-connection.ts";
import { Consumer } from "./rabbitmq-consumer.ts";
import { encodeFrame } from "./rabbitmq-frame.ts";
import { Leases } from "./rabbitmq-leases.ts";
import { Mover } from "./rabbitmq-mover.ts";
import { Publisher } from "./rabbitmq-publisher.ts";
import { refuseDead, Settling, unsupported } from "./rabbitmq-settling.ts";
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
    ...(typeof connection === "string" && !isBrokerUrl(connection) ? ["connection: expected an amqp:// or amqps:// URL"] : []),
    ...(name.length > 0 && Buffer.byteLength(name) <= 200 ? [] : ["name: expected 1 to 200 bytes of text"]),
    ...(Number.isInteger(prefetch) && prefetch >= 1 && prefetch <= 65_535 ? [] : ["prefetch: expected a whole number from 1 to 65,535"]),
  ];
  // The URL holds a password, so the message does not repeat it.
  if (faults.length > 0) throw new ConfigurationError("invalid_options", `rabbitmqQueue: ${faults.join("; ")}.`);
  return new RabbitmqQueue(new Connections(connection), new Topology(name), prefetch, clock);
}

function isBrokerUrl(text: string): boolean {
  return URL.canParse(text) && ["amqp:", "amqps:"].includes(new URL(text).protocol);
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

/** How long messages stay here that nobody claims. */
const idleMs = 1_000;

class RabbitmqQueue implements Queue {
  readonly capabilities = capabilities;
  readonly #connections: Connections;
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #publisher: Publisher;
  readonly #consumer: Consumer;
  readonly #arrivals: Arrivals;
  readonly #leases: Leases;
  readonly #alarm: Alarm;
  readonly #listeners = new Set<{ readonly call: () => void }>();
  readonly #mover: Mover;
  readonly #settling: Settling;
  #claimedAtMs = 0;
  #underway = 0;
  #onQuiet: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(connections: Connections, topology: Topology, prefetch: number, clock: Clock) {
    this.#connections = connections;
    this.#topology = topology;
    this.#clock = clock;
    this.#leases = new Leases(clock);
    this.#alarm = new Alarm(clock, () => this.#tidy());
    this.#publisher = new Publisher({ acquire: () => connections.acquire("publish"), reset: () => connections.reset("publish") });
    this.#arrivals = new Arrivals({
      clock,
      isHeld: (delivery) => this.#consumer.isHeld(delivery),
      forward: (delivery) => this.#mover.forward(delivery),
      setAside: (delivery) => this.#mover.setAside(delivery),
      onReady: () => this.#onReady(),
    });
    this.#consumer = new Consumer({
      acquire: () => connections.acquire("consume"),
      queue: topology.work,
      clock,
      prefetch,
      onDelivery: (delivery) => this.#arrivals.add(delivery),
      onLost: (channel) => this.#onLost(channel),
    });
    this.#mover = new Mover({ publisher: this.#publisher, consumer: this.#consumer, topology, clock });
    this.#settling = new Settling({ leases: this.#leases, consumer: this.#consumer, mover: this.#mover });
  }

  send(job: NewJob): Promise<void> {
    return this.#run(async () => {
      refuseUnsupported(job);
      const now = this.#clock.now().getTime();
      const dueAtMs = job.dueAt && job.dueAt.getTime() > now ? job.dueAt.getTime() : 0;
      await this.#publisher.publish(this.#topology.destination(dueAtMs - now), encodeFrame(job, dueAtMs));
      if (dueAtMs === 0) this.#announce();
    });
  }

  claim({ limit, leaseMs, settle = [] }: ClaimOptions): Promise<ClaimResult> {
    return this.#run(async () => {
      refuseDead(settle);
      if (limit > 0) await this.#prepareClaim(limit, Math.max(0, this.#leases.size - settle.length));
      const lost = await this.#settling.settle(settle).catch((error: unknown) => {
        this.#awaitLeaseEnd(); // of those that last on
        throw error;
      });
      return { jobs: limit > 0 ? await this.#take(limit, leaseMs) : [], lost };
    });
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#run(async () => {
      this.#alarm.setFor(elapsedMs(this.#clock) + leaseMs);
      return leases.filter((lease) => !this.#leases.renew(lease, leaseMs));
    });
  }

  watch(listener: () => void): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
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
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#listeners.clear();
    await new Promise<void>((resolve) => {
      this.#onQuiet = resolve;
      this.#noteQuiet();
    });
    this.#alarm.stop();
    await this.#consumer.stop().catch(() => undefined);
    await this.#arrivals.close();
    await this.#mover.quiet();
    await Promise.all([this.#consumer.close(), this.#publisher.close()]);
    await this.#connections.close();
  }

  async #prepareClaim(limit: number, held: number): Promise<void> {
    this.#claimedAtMs = elapsedMs(this.#clock);
    const isNew = await this.#consumer.want(held + limit);
    if (isNew) this.#arrivals.giveBack(limit);
  }

  async #take(limit: number, leaseMs: number): Promise<readonly LeasedJob[]> {
    if (this.#arrivals.readyCount === 0) {
      await this.#arrivals.wait(momentMs);
      await eventLoopTurn(); // what came in one piece is handed out in one piece
    }
    const jobs = this.#arrivals.take(limit).map((delivery) => this.#leases.grant(delivery, leaseMs));
    this.#claimedAtMs = elapsedMs(this.#clock);
    if (jobs.length > 0) this.#alarm.setFor(this.#claimedAtMs + leaseMs);
    if (this.#arrivals.readyCount > 0) this.#alarm.setFor(this.#claimedAtMs + idleMs);
    return jobs;
  }

  /** Takes back leases that have run out, and lets others have what nobody here claims. */
  #tidy(): void {
    for (const { delivery, attempt, crashes } of this.#leases.takeExpired()) {
      const again = recounted(delivery, { dueAtMs: 0, attempts: attempt, crashes: crashes + 1 });
      this.#mover.forward(again).catch(() => this.#arrivals.add(again));
    }
    const idleAtMs = this.#claimedAtMs + idleMs;
    if (this.#arrivals.readyCount > 0 && idleAtMs <= elapsedMs(this.#clock)) this.#giveBackUnclaimed();
    else if (this.#arrivals.readyCount > 0) this.#alarm.setFor(idleAtMs);
    this.#awaitLeaseEnd();
  }

  #awaitLeaseEnd(): void {
    if (this.#leases.size > 0) this.#alarm.setFor(this.#leases.nextEndMs);
  }

  #giveBackUnclaimed(): void {
    const giveBack = () => this.#arrivals.giveBack();
    this.#consumer.stop().then(giveBack, giveBack);
  }

  #onReady(): void {
    this.#alarm.setFor(Math.max(this.#claimedAtMs, elapsedMs(this.#clock)) + idleMs);
    this.#announce();
  }

  #onLost(channel: RabbitmqChannel): void {
    this.#leases.drop(channel);
    this.#arrivals.drop(channel);
    this.#announce(); // whoever is told claims, and so connects again
  }

  #announce(): void {
    for (const { call } of this.#listeners) call();
  }

  /** Runs one call. `close` waits for it. */
  async #run<Value>(call: () => Promise<Value>): Promise<Value> {
    if (this.#closing) throw new ConfigurationError("closed");
    this.#underway++;
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw new ApplicationError("queue_unavailable", undefined, { cause: error });
    } finally {
      this.#underway--;
      this.#noteQuiet();
    }
  }

  #noteQuiet(): void {
    if (this.#underway === 0) this.#onQuiet?.();
  }
}

function refuseUnsupported({ ordering, head, body }: NewJob): void {
  if (ordering) throw unsupported("keep the jobs of an ordering key in order");
  const bytes = Buffer.byteLength(head) + body.byteLength;
  if (bytes > largestJobBytes) throw unsupported(`take a job of ${bytes} bytes; ${largestJobBytes} are the most`);
}
