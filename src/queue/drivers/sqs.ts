import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import { Listeners } from "../../listeners.ts";
import { OpenCalls } from "../../open-calls.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { MessageRoom } from "../job-label.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeaseRef, NewJob, Queue } from "../queue.ts";
import { SqsCalls, type SqsConnectionOptions, throwFirstFailure } from "./sqs-calls.ts";
import { SqsHolds } from "./sqs-holds.ts";
import { checkFirst, encodeMessage, firstJob, roomOf, type SqsJob } from "./sqs-message.ts";
import { SqsOutgoing } from "./sqs-outgoing.ts";
import { leaseEnd, leaseSeconds, SqsReceiving } from "./sqs-receiving.ts";
import { handlesOf, noDeadLetters, SqsSettling } from "./sqs-settling.ts";

export type { SqsClient, SqsConnectionOptions, SqsCredentials } from "./sqs-calls.ts";

/** A standard queue of Amazon SQS, which holds the jobs of Hookwright and nothing else. */
export interface SqsQueueOptions extends SqsConnectionOptions {
  /** How long a claim that finds nothing waits for a message, in whole seconds from 0 to 20. Default 1. */
  readonly waitSeconds?: number;
  /** The queue's `MaximumMessageSize`, at most 1,048,576. Default 262,144. */
  readonly largestMessageBytes?: number;
  readonly clock?: Clock;
}

/**
 * A queue over Amazon SQS, for any number of processes. Needs the package `@aws-sdk/client-sqs`.
 *
 * @throws ConfigurationError `invalid_options` at once; from methods `closed`, `package_missing`, and `unsupported` for what SQS cannot do.
 * @throws ApplicationError `queue_unavailable` from every method where SQS refused or did not answer in time.
 */
export function sqsQueue(options: SqsQueueOptions): Queue {
  checkOptions(options);
  return new SqsQueue(options);
}

const longestDelaySeconds = 900;

class SqsQueue implements Queue {
  readonly capabilities: QueueCapabilities;
  readonly #calls: SqsCalls;
  readonly #outgoing: SqsOutgoing;
  readonly #holds = new SqsHolds();
  readonly #receiving: SqsReceiving;
  readonly #settling: SqsSettling;
  readonly #clock: Clock;
  readonly #room: MessageRoom;
  readonly #listeners = new Listeners();
  readonly #open = new OpenCalls("The SQS queue");

  constructor({ waitSeconds = 1, largestMessageBytes = 262_144, clock = systemClock, ...connection }: SqsQueueOptions) {
    this.#calls = new SqsCalls(connection);
    this.#outgoing = new SqsOutgoing(this.#calls, largestMessageBytes);
    this.#clock = clock;
    this.#room = roomOf(largestMessageBytes);
    const send = (job: SqsJob, dueAt: Date | undefined) => this.#sendMessage(job, dueAt);
    const parts = { calls: this.#calls, holds: this.#holds, clock, send };
    this.#receiving = new SqsReceiving({ ...parts, room: this.#room, waitSeconds });
    this.#settling = new SqsSettling(parts);
    this.capabilities = capabilities(this.#room);
  }

  send(job: NewJob): Promise<void> {
    return this.#open.run(async () => {
      if (job.ordering) throw new ConfigurationError("unsupported", "An SQS queue keeps no order by key.");
      const first = firstJob(job);
      checkFirst(first, this.#room);
      await this.#sendMessage(first, job.dueAt);
    });
  }

  claim({ limit, leaseMs, settle = [] }: ClaimOptions): Promise<ClaimResult> {
    return this.#open.run(async () => {
      if (limit === 0 && settle.length === 0) await this.#calls.ready();
      const { lost, settled } = await this.#settling.settle(settle);
      const { jobs, mayBeMore } = limit > 0 ? await this.#receiving.claim(limit, leaseMs) : { jobs: [], mayBeMore: false };
      for (const hold of settled) this.#holds.remove(hold);
      if (mayBeMore) this.#listeners.call();
      return { jobs, lost };
    });
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#open.run(async () => {
      const visibilitySeconds = leaseSeconds(leaseMs);
      const sentAt = this.#elapsedMs();
      const held = leases.flatMap((lease) => this.#holds.get(lease, sentAt) ?? []);
      const outcomes = await this.#calls.hide(handlesOf(held), visibilitySeconds);
      for (const [index, hold] of held.entries()) {
        if (outcomes[index] === "gone") this.#holds.remove(hold);
        if (outcomes[index] === "done") hold.until = leaseEnd(this.#clock, { sentAt, visibilitySeconds, leaseMs });
      }
      throwFirstFailure(outcomes);
      const now = this.#elapsedMs();
      return leases.filter((lease) => !this.#holds.get(lease, now));
    });
  }

  watch(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  list({ state, limit }: JobQuery): Promise<JobPage> {
    return this.#open.run(async () => {
      if (state === "dead") throw noDeadLetters();
      if (limit !== 0) throw new ConfigurationError("unsupported", "An SQS queue cannot list its jobs, only count them: limit 0.");
      return { jobs: [], total: await this.#calls.count() };
    });
  }

  retry(_ids: readonly string[] | "all"): Promise<number> {
    return this.#open.run(() => Promise.reject(noDeadLetters()));
  }

  purge(_ids: readonly string[] | "all"): Promise<number> {
    return this.#open.run(() => Promise.reject(noDeadLetters()));
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return this.#open.close(() => this.#calls.close());
  }

  /** SQS holds a message back for 15 minutes at most: one that is due later says so, and is sent anew whenever it comes. */
  async #sendMessage({ dueAt: _, ...job }: SqsJob, dueAt: Date | undefined): Promise<void> {
    const delaySeconds = this.#secondsUntil(dueAt);
    const text = encodeMessage(dueAt && delaySeconds > longestDelaySeconds ? { ...job, dueAt: dueAt.getTime() } : job, this.#room);
    await this.#outgoing.send(text, Math.min(delaySeconds, longestDelaySeconds));
    if (delaySeconds === 0) this.#listeners.call();
  }

  /** Rounded up: a job must not be early. */
  #secondsUntil(dueAt: Date | undefined): number {
    return dueAt ? Math.max(0, Math.ceil((dueAt.getTime() - this.#clock.now().getTime()) / 1_000)) : 0;
  }

  #elapsedMs(): number {
    return elapsedMs(this.#clock);
  }
}

function capabilities({ jobBytes }: MessageRoom): QueueCapabilities {
  return {
    engine: "Amazon SQS",
    durable: true,
    longestDelayMs: Number.POSITIVE_INFINITY,
    largestJobBytes: jobBytes,
    uniqueIds: false,
    strictOrder: false,
    ordering: false,
    exceptions: false,
    deadLetters: false,
    lists: false,
    counts: "approximate",
  };
}

function checkOptions({ url, waitSeconds = 1, largestMessageBytes = 262_144, timeoutMs = 1 }: SqsQueueOptions): void {
  const faults: string[] = [];
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) faults.push("`url` is the https URL of a queue");
  if (url.endsWith(".fifo")) faults.push("`url` names a standard queue, not one that ends in .fifo");
  if (!(Number.isInteger(waitSeconds) && waitSeconds >= 0 && waitSeconds <= 20))
    faults.push("`waitSeconds` is a whole number from 0 to 20");
  if (!(largestMessageBytes >= 8_192 && largestMessageBytes <= 1_048_576)) faults.push("`largestMessageBytes` is from 8,192 to 1,048,576");
  if (!(Number.isInteger(timeoutMs) && timeoutMs >= 1)) faults.push("`timeoutMs` is a whole number of at least 1");
  if (faults.length > 0) throw new ConfigurationError("invalid_options", `The options of the SQS queue are wrong: ${faults.join("; ")}.`);
}
