import type { Subscription } from "@nats-io/transport-node";
import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeaseRef, NewJob, Queue } from "../queue.ts";
import { NatsClaiming } from "./nats-claiming.ts";
import { NatsDeadLetters } from "./nats-dead-letters.ts";
import { isSubjectFull, NatsEngine, type NatsTools } from "./nats-engine.ts";
import { NatsHolds } from "./nats-holds.ts";
import { encodeMessage, largestJobBytes, subjectPart } from "./nats-message.ts";
import { type NatsQueueOptions, natsSettings } from "./nats-options.ts";
import { NatsSettling } from "./nats-settling.ts";
import { NatsStates } from "./nats-states.ts";

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
  readonly #clock: Clock;
  readonly #listeners = new Set<{ readonly call: () => void }>();
  readonly #underWay = new Set<Promise<unknown>>();
  #announcements: Subscription | undefined;
  #isAnnouncing = false;
  #closing: Promise<void> | undefined;

  constructor({ clock = systemClock, ...options }: NatsQueueOptions) {
    const settings = natsSettings(options);
    this.#clock = clock;
    this.#engine = new NatsEngine(settings);
    const parts = { engine: this.#engine, states: new NatsStates(this.#engine.names), holds: this.#holds, clock };
    this.#claiming = new NatsClaiming(parts);
    this.#deadLetters = new NatsDeadLetters(this.#engine);
    this.#settling = new NatsSettling({ ...parts, claiming: this.#claiming, deadLetters: this.#deadLetters });
    this.capabilities = capabilities(settings.largestMessageBytes);
  }

  send(job: NewJob): Promise<void> {
    return this.#run(async (tools) => {
      if (job.ordering) throw new ConfigurationError("unsupported", "A NATS queue keeps no order by key.");
      const { id, handler, head, body, group = "", dueAt } = job;
      const message = { id, handler, head, body, group, ...(dueAt ? { dueAt: dueAt.getTime() } : {}) };
      const { names, settings } = this.#engine;
      try {
        await tools.client.publish(`${names.jobs}.job.${subjectPart(id)}`, encodeMessage(message, settings.largestMessageBytes));
      } catch (error) {
        if (!isSubjectFull(error)) throw error;
      }
      this.#announce(tools);
    });
  }

  claim({ limit, leaseMs, settle = [] }: ClaimOptions): Promise<ClaimResult> {
    return this.#run(async (tools) => {
      const { lost, settled } = await this.#settling.settle(settle, tools);
      const { jobs, isAll } = limit > 0 ? await this.#claiming.claim(limit, leaseMs, tools) : { jobs: [], isAll: true };
      for (const hold of settled) this.#holds.remove(hold);
      if (settle.some(({ outcome }) => outcome === "release")) this.#announce(tools);
      if (!isAll && jobs.length < limit) this.#callListeners();
      return { jobs, lost };
    });
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#run(async (tools) => {
      await this.#engine.holdFor(leaseMs, tools);
      const sentAt = elapsedMs(this.#clock);
      const held = leases.flatMap((lease) => this.#holds.get(lease, sentAt) ?? []);
      const timeout = this.#engine.settings.timeoutMs;
      await Promise.all(
        held.map(async (hold) => {
          await tools.connection.request(hold.job.lease, "+WPI", { timeout });
          hold.until = sentAt + leaseMs;
        }),
      );
      const now = elapsedMs(this.#clock);
      return leases.filter((lease) => !this.#holds.get(lease, now));
    });
  }

  watch(listener: () => void): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    void this.#run(() => Promise.resolve()).catch(() => {}); // without a connection, the next call that gets one listens
    return () => {
      this.#listeners.delete(entry);
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
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#listeners.clear();
    await Promise.allSettled(this.#underWay);
    this.#announcements?.unsubscribe();
    await this.#engine.close();
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
    this.#announcements = connection.subscribe(this.#engine.names.announce, { callback: () => this.#callListeners() });
  }

  #callListeners(): void {
    for (const { call } of this.#listeners) call();
  }

  async #run<Result>(work: (tools: NatsTools) => Promise<Result>): Promise<Result> {
    if (this.#closing) throw new ConfigurationError("closed", "The NATS queue is closed.");
    const running = this.#engine.use((tools) => {
      this.#listen(tools);
      return work(tools);
    });
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }
}

function capabilities(largestMessageBytes: number): QueueCapabilities {
  return {
    engine: "nats",
    durable: true,
    longestDelayMs: Number.POSITIVE_INFINITY,
    largestJobBytes: largestJobBytes(largestMessageBytes),
    uniqueIds: true,
    strictOrder: false,
    ordering: false,
    exceptions: false,
    deadLetters: true,
    lists: false,
    counts: "exact",
  };
}
