import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { Subscription } from "@nats-io/transport-node";
import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import { Listeners } from "../../listeners.ts";
import { OpenCalls } from "../../open-calls.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeaseRef, NewJob, Queue } from "../queue.ts";
import { NatsClaiming } from "./nats-claiming.ts";
import { NatsDeadLetters } from "./nats-dead-letters.ts";
import { NatsEngine, type NatsTools } from "./nats-engine.ts";
import { NatsGhosts } from "./nats-ghosts.ts";
import { NatsHolds } from "./nats-holds.ts";
import { checkFirst } from "./nats-message.ts";
import { type NatsQueueOptions, natsSettings } from "./nats-options.ts";
import { NatsSettling } from "./nats-settling.ts";
import { NatsStates } from "./nats-states.ts";
import { storeJob } from "./nats-storing.ts";

export type { NatsQueueOptions, NatsReadyConnection } from "./nats-options.ts";

/**
 * A queue over NATS JetStream, for any number of processes. Needs the packages `@nats-io/transport-node` and `@nats-io/jetstream`, and a
 * server of 2.9 or later.
 *
 * @throws ConfigurationError `invalid_options` at once or when the server is reached; from methods `closed`, `package_missing`, and
 * `unsupported` for what JetStream cannot do.
 * @throws ApplicationError `queue_unavailable` from every method where the server refused or did not answer in time.
 */
export function natsQueue(options: NatsQueueOptions): Queue {
  return new NatsQueue(options);
}

class NatsQueue implements Queue {
  readonly capabilities: QueueCapabilities;
  readonly #engine: NatsEngine;
  readonly #holds = new NatsHolds();
  readonly #claiming: NatsClaiming;
  readonly #settling: NatsSettling;
  readonly #deadLetters: NatsDeadLetters;
  readonly #ghosts: NatsGhosts;
  readonly #clock: Clock;
  readonly #listeners = new Listeners();
  readonly #open = new OpenCalls("The NATS queue");
  #announcements: Subscription | undefined;
  #isAnnouncing = false;

  constructor({ clock = systemClock, ...options }: NatsQueueOptions) {
    const settings = natsSettings(options);
    this.#clock = clock;
    this.#engine = new NatsEngine(settings);
    const parts = { engine: this.#engine, states: new NatsStates(this.#engine.names), holds: this.#holds, clock };
    this.#claiming = new NatsClaiming(parts);
    this.#deadLetters = new NatsDeadLetters(this.#engine);
    this.#ghosts = new NatsGhosts(this.#engine.names.jobs, clock);
    this.#settling = new NatsSettling({ ...parts, claiming: this.#claiming, deadLetters: this.#deadLetters });
    this.capabilities = capabilities(this.#engine.room.jobBytes);
  }

  send(job: NewJob): Promise<void> {
    return this.#run(async (tools) => {
      if (job.ordering) throw new ConfigurationError("unsupported", "A NATS queue keeps no order by key.");
      const { id, handler, head, body, group = "", dueAt } = job;
      const message = { id, handler, head, body, group, ...(dueAt ? { dueAt: dueAt.getTime() } : {}) };
      checkFirst(message, this.#engine.room);
      await storeJob(message, this.#engine, tools);
      this.#announce(tools);
    });
  }

  claim({ limit, leaseMs, settle = [] }: ClaimOptions): Promise<ClaimResult> {
    return this.#run(async (tools) => {
      const { lost, settled } = await this.#settling.settle(settle, tools);
      const { jobs, isAll } = limit > 0 ? await this.#claiming.claim(limit, leaseMs, tools) : { jobs: [], isAll: true };
      for (const hold of settled) this.#holds.remove(hold);
      if (settle.some(({ outcome }) => outcome === "release")) this.#announce(tools);
      if (!isAll && jobs.length < limit) this.#listeners.call();
      if (isAll && limit > 0 && jobs.length === 0) await this.#ghosts.remove(tools);
      return { jobs, lost };
    });
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#run(async (tools) => {
      await this.#engine.holdStillFor(leaseMs, tools);
      const sentAt = elapsedMs(this.#clock);
      const held = leases.flatMap((lease) => this.#holds.get(lease, sentAt) ?? []);
      const timeout = this.#engine.settings.timeoutMs;
      const renewals = await Promise.allSettled(
        held.map(async (hold) => {
          await tools.connection.request(hold.job.lease, "+WPI", { timeout });
          hold.until = sentAt + leaseMs;
        }),
      );
      const failure = renewals.find((renewal) => renewal.status === "rejected");
      if (failure) throw failure.reason;
      const now = elapsedMs(this.#clock);
      return leases.filter((lease) => !this.#holds.get(lease, now));
    });
  }

  watch(listener: () => void): () => void {
    const stop = this.#listeners.add(listener);
    void this.#run(() => Promise.resolve()).catch(() => {}); // without a connection, the next call that gets one listens
    return () => {
      stop();
      if (this.#listeners.size > 0) return;
      this.#announcements?.unsubscribe();
      this.#announcements = undefined;
    };
  }

  list({ state, limit, after }: JobQuery): Promise<JobPage> {
    return this.#run(async (tools) => {
      if (state === "dead")
        return this.#deadLetters.list({ ...(limit === undefined ? {} : { limit }), ...(after ? { after } : {}) }, tools);
      if (limit !== 0) throw new ConfigurationError("unsupported", "A NATS queue cannot list its open jobs, only count them: limit 0.");
      const { state: stored } = await tools.manager.streams.info(this.#engine.names.jobs);
      return { jobs: [], total: stored.messages };
    });
  }

  retry(ids: readonly string[] | "all"): Promise<number> {
    return this.#run(async (tools) => {
      const count = await this.#deadLetters.retry(ids, tools);
      if (count > 0) this.#announce(tools);
      return count;
    });
  }

  purge(ids: readonly string[] | "all"): Promise<number> {
    return this.#run((tools) => this.#deadLetters.purge(ids, tools));
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return this.#open.close(async () => {
      this.#announcements?.unsubscribe();
      if (this.#isAnnouncing) await eventLoopTurn(); // what was sent last is announced too
      await this.#engine.close();
    });
  }

  /** Tells all processes, this one included, that there may be a job: once for what happens in one turn of the event loop. */
  #announce({ connection }: NatsTools): void {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    setImmediate(() => {
      this.#isAnnouncing = false;
      if (!connection.isClosed()) connection.publish(this.#engine.names.announce);
    });
  }

  #listen({ connection }: NatsTools): void {
    if (this.#listeners.size === 0 || (this.#announcements && !this.#announcements.isClosed())) return;
    this.#announcements = connection.subscribe(this.#engine.names.announce, { callback: () => this.#listeners.call() });
  }

  #run<Result>(work: (tools: NatsTools) => Promise<Result>): Promise<Result> {
    return this.#open.run(() =>
      this.#engine.use((tools) => {
        this.#listen(tools);
        return work(tools);
      }),
    );
  }
}

function capabilities(largestJobBytes: number): QueueCapabilities {
  return {
    engine: "NATS",
    durable: true,
    longestDelayMs: Number.POSITIVE_INFINITY,
    largestJobBytes,
    uniqueIds: true,
    strictOrder: false,
    ordering: false,
    exceptions: false,
    deadLetters: true,
    lists: false,
    counts: "exact",
  };
}
