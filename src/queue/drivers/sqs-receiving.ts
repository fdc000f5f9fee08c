import { type Clock, elapsedMs } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import type { MessageRoom } from "../job-label.ts";
import type { LeasedJob } from "../queue.ts";
import { entriesPerBatch, type SqsCalls, type SqsReceived, throwFirstFailure } from "./sqs-calls.ts";
import type { SqsHolds } from "./sqs-holds.ts";
import { decodeMessage, type SqsJob } from "./sqs-message.ts";

/** What receiving needs. */
export interface SqsReceivingOptions {
  readonly calls: SqsCalls;
  readonly holds: SqsHolds;
  readonly clock: Clock;
  readonly room: MessageRoom;
  /** How long an answer waits for a first message. */
  readonly waitSeconds: number;
  /** Sends a message; resolves when SQS has it. */
  readonly send: (job: SqsJob, dueAt: Date | undefined) => Promise<void>;
}

/** Jobs that are held now; `mayBeMore` where SQS is likely to have others. */
export interface SqsClaimed {
  readonly jobs: readonly LeasedJob[];
  readonly mayBeMore: boolean;
}

interface Arrival {
  readonly message: SqsReceived;
  readonly job: SqsJob;
}

/** Takes messages, and has those that SQS could not hold back for long enough come again. */
export class SqsReceiving {
  readonly #options: SqsReceivingOptions;
  /** Answers asked for at once: more while they bring something, because SQS gives ten messages at most, and often fewer than it has. */
  #width = 1;

  constructor(options: SqsReceivingOptions) {
    this.#options = options;
  }

  async claim(limit: number, leaseMs: number): Promise<SqsClaimed> {
    const { clock, room } = this.#options;
    const { messages, until } = await this.#receive(limit, leaseMs);
    const now = clock.now().getTime();
    const arrivals = messages.map((message) => ({ message, job: decodeMessage(message.text, message.messageId, room) }));
    const isEarly = ({ job: { dueAt = 0 } }: Arrival) => dueAt > now;
    const jobs = arrivals.filter((arrival) => !isEarly(arrival)).map((arrival) => this.#hold(arrival, until));
    await this.#putOff(arrivals.filter(isEarly)).catch((error) => {
      if (jobs.length === 0) throw error; // what is held already must reach its worker; the others come again
    });
    return { jobs, mayBeMore: messages.length > 0 && jobs.length < limit };
  }

  async #receive(limit: number, leaseMs: number): Promise<{ readonly messages: readonly SqsReceived[]; readonly until: number }> {
    const { calls, clock } = this.#options;
    const width = Math.min(this.#width, Math.ceil(limit / entriesPerBatch));
    // Several at once do not wait: the one that finds nothing would hold up what the others found.
    const waitSeconds = width === 1 ? this.#options.waitSeconds : 0;
    const visibilitySeconds = leaseSeconds(leaseMs + waitSeconds * 1_000);
    const sentAt = elapsedMs(clock);
    const answers = await Promise.allSettled(
      Array.from({ length: width }, (_, index) => {
        const size = Math.min(entriesPerBatch, limit - index * entriesPerBatch);
        return calls.receive(size, { visibilitySeconds, waitSeconds });
      }),
    );
    const messages = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    const failed = answers.find((answer) => answer.status === "rejected");
    if (failed && messages.length === 0) throw failed.reason;
    this.#learnWidth(answers);
    return { messages, until: leaseEnd(clock, { sentAt, visibilitySeconds, leaseMs }) };
  }

  #learnWidth(answers: readonly PromiseSettledResult<readonly SqsReceived[]>[]): void {
    const useful = answers.filter((answer) => answer.status === "fulfilled" && answer.value.length > 0).length;
    this.#width = useful === answers.length ? useful * 2 : Math.max(1, useful);
  }

  #hold({ message: { handle, receiveCount }, job }: Arrival, until: number): LeasedJob {
    const { id, handler, head, body, group } = job;
    const attempt = job.attempts + receiveCount;
    const crashes = job.crashes + receiveCount - 1;
    this.#options.holds.add({ handle, job, attempt, crashes, until, state: "held" });
    return { id, handler, head, body, group, attempt, crashes, lease: handle };
  }

  /**
   * Sends anew what is not due yet, then deletes what came: a crash in between doubles the job. Hiding the message instead would count as
   * an attempt, since SQS counts receives, and against the messages that may be in hands at once.
   */
  async #putOff(early: readonly Arrival[]): Promise<void> {
    const { calls, send } = this.#options;
    const sent = await Promise.allSettled(early.map(({ job }) => send(job, new Date(job.dueAt ?? 0))));
    const replaced = early.filter((_, index) => sent[index]?.status === "fulfilled");
    throwFirstFailure(await calls.delete(replaced.map(({ message }) => message.handle)));
    const failed = sent.find((each) => each.status === "rejected");
    if (failed) throw failed.reason;
  }
}

const longestVisibilitySeconds = 43_200;

/**
 * How long a message is hidden for a lease.
 *
 * @throws ConfigurationError `unsupported` where that is longer than SQS can.
 */
export function leaseSeconds(leaseMs: number): number {
  const seconds = Math.ceil(leaseMs / 1_000);
  if (seconds > longestVisibilitySeconds) throw new ConfigurationError("unsupported", "A lease of an SQS queue lasts 12 hours at most.");
  return seconds;
}

/** SQS began to count between the question and the answer; a lease ends at the earlier of the two ends that this leaves open. */
export function leaseEnd(
  clock: Clock,
  { sentAt, visibilitySeconds, leaseMs }: { readonly sentAt: number; readonly visibilitySeconds: number; readonly leaseMs: number },
): number {
  return Math.min(sentAt + visibilitySeconds * 1_000, elapsedMs(clock) + leaseMs);
}
