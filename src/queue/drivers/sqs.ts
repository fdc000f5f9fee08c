import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeasedJob, LeaseRef, NewJob, Queue } from "../queue.ts";
import { entriesPerBatch, SqsCalls, type SqsConnectionOptions, type SqsReceived } from "./sqs-calls.ts";
import { SqsHolds } from "./sqs-holds.ts";
import { decodeMessage, encodeMessage, firstJob, largestJobBytes, type SqsJob } from "./sqs-message.ts";
import { SqsOutgoing } from "./sqs-outgoing.ts";
import { handlesOf, noDeadLetters, SqsSettling, throwFirstFailure } from "./sqs-settling.ts";

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
const longestVisibilitySeconds = 43_200;

class SqsQueue implements Queue {
  readonly capabilities: QueueCapabilities;
  readonly #calls: SqsCalls;
  readonly #outgoing: SqsOutgoing;
  readonly #holds = new SqsHolds();
  readonly #settling: SqsSettling;
  readonly #clock: Clock;
  readonly #waitSeconds: number;
  readonly #largestMessageBytes: number;
  readonly #listeners = new Set<{ readonly call: () => void }>();
  readonly #underWay = new Set<Promise<unknown>>();
  /** Answers asked for at once: more while they bring something, because SQS gives ten messages at most, and often fewer than it has. */
  #width = 1;
  #closing: Promise<void> | undefined;

  constructor({ waitSeconds = 1, largestMessageBytes = 262_144, clock = systemClock, ...connection }: SqsQueueOptions) {
    this.#calls = new SqsCalls(connection);
    this.#outgoing = new SqsOutgoing(this.#calls, largestMessageBytes);
    this.#clock = clock;
    this.#waitSeconds = waitSeconds;
    this.#largestMessageBytes = largestMessageBytes;
    this.#settling = new SqsSettling({ calls: this.#calls, holds: this.#holds, clock, send: (job, dueAt) => this.#sendSoon(job, dueAt) });
    this.capabilities = capabilities(largestMessageBytes);
  }

  send(job: NewJob): Promise<void> {
    return this.#run(async () => {
      if (job.ordering) throw new ConfigurationError("unsupported", "An SQS queue keeps no order by key.");
      const delaySeconds = this.#secondsUntil(job.dueAt);
      if (delaySeconds > longestDelaySeconds) throw new ConfigurationError("unsupported", "An SQS queue delays by 15 minutes at most.");
      await this.#sendMessage(firstJob(job), delaySeconds);
    });
  }

  claim({ limit, leaseMs, settle = [] }: ClaimOptions): Promise<ClaimResult> {
    return this.#run(async () => {
      const { lost, settled } = await this.#settling.settle(settle);
      const jobs = limit > 0 ? await this.#receive(limit, leaseMs) : [];
      for (const hold of settled) this.#holds.remove(hold);
      if (jobs.length > 0 && jobs.length < limit) this.#announce(); // there is often more where these came from
      return { jobs, lost };
    });
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#run(async () => {
      const visibilitySeconds = leaseSeconds(leaseMs);
      const sentAt = this.#elapsedMs();
      const held = leases.flatMap((lease) => this.#holds.get(lease, sentAt) ?? []);
      const outcomes = await this.#calls.hide(handlesOf(held), visibilitySeconds);
      for (const [index, hold] of held.entries()) {
        if (outcomes[index] === "gone") this.#holds.remove(hold);
        if (outcomes[index] === "done") hold.until = this.#leaseEnd(sentAt, visibilitySeconds, leaseMs);
      }
      throwFirstFailure(outcomes);
      const now = this.#elapsedMs();
      return leases.filter((lease) => !this.#holds.get(lease, now));
    });
  }

  watch(listener: () => void): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  list({ state, limit }: JobQuery): Promise<JobPage> {
    return this.#run(async () => {
      if (state === "dead") throw noDeadLetters();
      if (limit !== 0) throw new ConfigurationError("unsupported", "An SQS queue cannot list its jobs, only count them: limit 0.");
      return { jobs: [], total: await this.#calls.count() };
    });
  }

  retry(_ids: readonly string[] | "all"): Promise<number> {
    return this.#run(() => Promise.reject(noDeadLetters()));
  }

  purge(_ids: readonly string[] | "all"): Promise<number> {
    return this.#run(() => Promise.reject(noDeadLetters()));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    this.#listeners.clear();
    await Promise.allSettled(this.#underWay);
    await this.#calls.close();
  }

  async #receive(limit: number, leaseMs: number): Promise<readonly LeasedJob[]> {
    const width = Math.min(this.#width, Math.ceil(limit / entriesPerBatch));
    // Several at once do not wait: the one that finds nothing would hold up what the others found.
    const waitSeconds = width === 1 ? this.#waitSeconds : 0;
    const visibilitySeconds = leaseSeconds(leaseMs + waitSeconds * 1_000);
    const sentAt = this.#elapsedMs();
    const answers = await Promise.allSettled(
      Array.from({ length: width }, (_, index) => {
        const size = Math.min(entriesPerBatch, limit - index * entriesPerBatch);
        return this.#calls.receive(size, { visibilitySeconds, waitSeconds });
      }),
    );
    const received = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    const failed = answers.find((answer) => answer.status === "rejected");
    if (failed && received.length === 0) throw failed.reason;
    this.#learnWidth(answers);
    const until = this.#leaseEnd(sentAt, visibilitySeconds, leaseMs);
    return received.map((message) => this.#hold(message, until));
  }

  #learnWidth(answers: readonly PromiseSettledResult<readonly SqsReceived[]>[]): void {
    const useful = answers.filter((answer) => answer.status === "fulfilled" && answer.value.length > 0).length;
    this.#width = useful === answers.length ? useful * 2 : Math.max(1, useful);
  }

  #hold({ messageId, text, handle, receiveCount }: SqsReceived, until: number): LeasedJob {
    const job = decodeMessage(text, messageId, this.#largestMessageBytes);
    const { id, handler, head, body, group } = job;
    const attempt = job.attempts + receiveCount;
    const crashes = job.crashes + receiveCount - 1;
    this.#holds.add({ handle, job, attempt, crashes, until, state: "held" });
    return { id, handler, head, body, group, attempt, crashes, lease: handle };
  }

  /** SQS began to count between the question and the answer; a lease ends at the earlier of the two ends that this leaves open. */
  #leaseEnd(sentAt: number, visibilitySeconds: number, leaseMs: number): number {
    return Math.min(sentAt + visibilitySeconds * 1_000, this.#elapsedMs() + leaseMs);
  }

  /** Sends a job that is to come again, at the time it asks for or as late as SQS can wait. */
  #sendSoon(job: SqsJob, dueAt: Date | undefined): Promise<void> {
    return this.#sendMessage(job, Math.min(this.#secondsUntil(dueAt), longestDelaySeconds));
  }

  async #sendMessage(job: SqsJob, delaySeconds: number): Promise<void> {
    await this.#outgoing.send(encodeMessage(job, this.#largestMessageBytes), delaySeconds);
    if (delaySeconds === 0) this.#announce();
  }

  /** Rounded up: a job must not be early. */
  #secondsUntil(dueAt: Date | undefined): number {
    return dueAt ? Math.max(0, Math.ceil((dueAt.getTime() - this.#clock.now().getTime()) / 1_000)) : 0;
  }

  #elapsedMs(): number {
    return elapsedMs(this.#clock);
  }

  #announce(): void {
    for (const { call } of this.#listeners) call();
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closing) throw new ConfigurationError("closed", "The SQS queue is closed.");
    const running = work();
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
    engine: "sqs",
    durable: true,
    longestDelayMs: longestDelaySeconds * 1_000,
    largestJobBytes: largestJobBytes(largestMessageBytes),
    uniqueIds: false,
    strictOrder: false,
    ordering: false,
    exceptions: false,
    deadLetters: false,
    lists: false,
    counts: "approximate",
  };
}

function checkOptions({ url, waitSeconds = 1, largestMessageBytes = 262_144 }: SqsQueueOptions): void {
  const faults: string[] = [];
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) faults.push("`url` is the https URL of a queue");
  if (url.endsWith(".fifo")) faults.push("`url` names a standard queue, not one that ends in .fifo");
  if (!(Number.isInteger(waitSeconds) && waitSeconds >= 0 && waitSeconds <= 20))
    faults.push("`waitSeconds` is a whole number from 0 to 20");
  if (!(largestMessageBytes >= 8_192 && largestMessageBytes <= 1_048_576)) faults.push("`largestMessageBytes` is from 8,192 to 1,048,576");
  if (faults.length > 0) throw new ConfigurationError("invalid_options", `The options of the SQS queue are wrong: ${faults.join("; ")}.`);
}

function leaseSeconds(leaseMs: number): number {
  const seconds = Math.ceil(leaseMs / 1_000);
  if (seconds > longestVisibilitySeconds) throw new ConfigurationError("unsupported", "A lease of an SQS queue lasts 12 hours at most.");
  return seconds;
}
