import { type Clock, elapsedMs, systemClock } from "../../clock.ts";
import { ConfigurationError } from "../../errors.ts";
import { Listeners } from "../../listeners.ts";
import { OpenCalls } from "../../open-calls.ts";
import { Faults } from "../../options.ts";
import type { QueueCapabilities } from "../capabilities.ts";
import type { ClaimOptions, ClaimResult, JobPage, JobQuery, LeasedJob, LeaseRef, NewJob, Queue, Settlement } from "../queue.ts";
import { type AzureMessage, type AzureQueueClient, openClient } from "./azure-storage-client.ts";
import { checkFirst, decodeFrame, encodeFrame, type JobFrame, messageRoom } from "./azure-storage-frame.ts";
import { type Hold, Holds } from "./azure-storage-holds.ts";
import { AzureService } from "./azure-storage-service.ts";

export type { AzureMessage, AzureQueueClient } from "./azure-storage-client.ts";

/** Where the queue is. */
export interface AzureStorageQueueOptions {
  /** The connection string of a storage account, or a `QueueClient` of `@azure/storage-queue`, whose credentials and retries are then yours. */
  readonly connection: string | AzureQueueClient;
  /** Name of the queue, which is created if it is missing; 3 to 63 lower-case letters, digits and single hyphens. Default `hookwright`. */
  readonly name?: string;
  readonly clock?: Clock;
}

const longestDelaySeconds = 7 * 24 * 60 * 60;

/** How long a hold outlives its lease: until then the service may still take its settlement, if nobody else has got the message. */
const longestOutageMs = 60 * 60 * 1_000;

/** The service hands out no more in one call. */
const messagesPerCall = 32;

const capabilities: QueueCapabilities = {
  engine: "Azure Storage",
  durable: true,
  longestDelayMs: longestDelaySeconds * 1_000,
  largestJobBytes: messageRoom.jobBytes,
  uniqueIds: false,
  strictOrder: false,
  ordering: false,
  exceptions: false,
  deadLetters: false,
  lists: false,
  counts: "approximate",
};

/**
 * A queue in an Azure storage account, for any number of processes anywhere. Its clock is the service's, which counts whole
 * seconds. The queue must be Hookwright's alone: messages of others end as dead letters.
 *
 * @throws ConfigurationError `invalid_options`.
 * @throws ConfigurationError from every method: `closed`, `unsupported`, `package_missing`, or `invalid_options` for the connection string.
 * @throws ApplicationError `queue_unavailable` from every method where the service failed or did not answer within ten seconds.
 */
export function azureStorageQueue({ connection, name = "hookwright", clock = systemClock }: AzureStorageQueueOptions): Queue {
  const faults = new Faults();
  if (!isQueueName(name)) faults.add("azureStorageQueue.name", "expected 3 to 63 lower-case letters, digits and single hyphens.");
  if (connection === "") faults.add("azureStorageQueue.connection", "expected a connection string, got an empty string.");
  faults.throwIfAny();
  return new AzureStorageQueue(
    new AzureService(async () => (typeof connection === "string" ? openClient(connection, name) : connection)),
    clock,
  );
}

/** https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata */
function isQueueName(name: string): boolean {
  return /^[a-z0-9](-?[a-z0-9])*$/.test(name) && name.length >= 3 && name.length <= 63;
}

class AzureStorageQueue implements Queue {
  readonly capabilities = capabilities;
  readonly #service: AzureService;
  readonly #clock: Clock;
  readonly #holds = new Holds();
  readonly #listeners = new Listeners();
  readonly #open = new OpenCalls("The Azure Storage queue");

  constructor(service: AzureService, clock: Clock) {
    this.#service = service;
    this.#clock = clock;
  }

  send(job: NewJob): Promise<void> {
    return this.#open.run(async () => {
      const delaySeconds = this.#secondsUntil(job.dueAt);
      if (job.ordering) throw unsupported("keep an order of jobs with one key");
      if (delaySeconds > longestDelaySeconds) throw unsupported("delay a job for more than seven days");
      const { id, handler, head, body, group = "" } = job;
      const frame = { id, handler, head, body, group, attempts: 0, crashes: 0, dequeued: 0 };
      checkFirst(frame);
      await this.#service.send(encodeFrame(frame), delaySeconds);
      if (delaySeconds === 0) this.#listeners.call();
    });
  }

  claim(options: ClaimOptions): Promise<ClaimResult> {
    return this.#open.run(() => this.#claim(options));
  }

  renew(leases: readonly LeaseRef[], leaseMs: number): Promise<readonly LeaseRef[]> {
    return this.#open.run(() => lostOf(leases, (lease) => this.#holds.use(lease, (hold) => this.#renew(hold, leaseMs))));
  }

  /** Of jobs that other processes send, the service tells nobody: a worker polls. */
  watch(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  list({ state, limit }: JobQuery): Promise<JobPage> {
    return this.#open.run(async () => {
      if (state === "dead") throw unsupported("keep dead letters");
      if (limit !== 0) throw unsupported("list jobs; a `limit` of 0 counts them");
      return { jobs: [], total: await this.#service.count() };
    });
  }

  retry(): Promise<number> {
    return this.#open.run(() => Promise.reject(unsupported("keep dead letters")));
  }

  purge(): Promise<number> {
    return this.#open.run(() => Promise.reject(unsupported("keep dead letters")));
  }

  /** The client has nothing to close. */
  close(): Promise<void> {
    this.#listeners.clear();
    return this.#open.close(async () => {});
  }

  async #claim({ limit, leaseMs, settle = [] }: ClaimOptions): Promise<ClaimResult> {
    if (limit === 0 && settle.length === 0) await this.#service.ready();
    this.#holds.forgetEndedBefore(elapsedMs(this.#clock) - longestOutageMs);
    const lost = await lostOf(settle, (each) => this.#holds.use(each, (hold) => this.#settle(hold, each)));
    const jobs = limit > 0 ? await this.#receive(limit, leaseMs) : [];
    this.#holds.forget(settle); // not before all has gone well: a failed claim is made again
    return { jobs, lost: lost.map(({ id, lease }) => ({ id, lease })) };
  }

  async #settle(hold: Hold, settlement: Settlement): Promise<boolean> {
    hold.isSettled ||= await this.#end(hold, settlement);
    return hold.isSettled;
  }

  #end(hold: Hold, settlement: Settlement): Promise<boolean> {
    const { counts } = hold;
    switch (settlement.outcome) {
      case "acknowledge":
        return this.#service.delete(hold.messageId, hold.receipt);
      case "release":
        return this.#giveBack(hold, { attempts: counts.attempts - 1 }, settlement.dueAt);
      case "retry":
        return this.#giveBack(hold, { crashes: 0, reason: settlement.reason }, settlement.dueAt);
      case "dead":
        throw unsupported("keep dead letters");
      default:
        return settlement satisfies never;
    }
  }

  /** New text and new time in one call, so that nothing is lost or doubled in between. A time that is too late is brought forward. */
  async #giveBack(
    { messageId, messageText, receipt, counts }: Hold,
    changes: Partial<JobFrame>,
    dueAt: Date | undefined,
  ): Promise<boolean> {
    const delaySeconds = Math.min(this.#secondsUntil(dueAt), longestDelaySeconds);
    const text = encodeFrame({ ...decodeFrame(messageText, messageId), ...counts, ...changes });
    return (await this.#service.update(messageId, receipt, text, delaySeconds)) !== undefined;
  }

  async #renew(hold: Hold, leaseMs: number): Promise<boolean> {
    if (hold.isSettled) return false;
    const receipt = await this.#service.update(hold.messageId, hold.receipt, undefined, leaseSeconds(leaseMs));
    if (receipt === undefined) return false;
    hold.receipt = receipt;
    hold.endsAtMs = elapsedMs(this.#clock) + leaseMs;
    return true;
  }

  /** Calls beyond the first are made only where that was full: each costs, also when it finds nothing. */
  async #receive(limit: number, leaseMs: number): Promise<readonly LeasedJob[]> {
    const receive = (count: number) => this.#service.receive(count, leaseSeconds(leaseMs));
    const first = await receive(Math.min(limit, messagesPerCall));
    const rest = first.length < messagesPerCall ? [] : callSizes(limit - messagesPerCall);
    const others = await Promise.allSettled(rest.map(receive));
    // What has been received is held: it is handed out, whatever became of the other calls.
    const messages = [...first, ...others.flatMap((other) => (other.status === "fulfilled" ? other.value : []))];
    return messages.map((message) => this.#lease(message, leaseMs));
  }

  #lease(message: AzureMessage, leaseMs: number): LeasedJob {
    const frame = decodeFrame(message.messageText, message.messageId);
    const { id, handler, head, body, group } = frame;
    const since = Math.max(1, message.dequeueCount - frame.dequeued); // a text that was copied into a new message counts from there
    const counts = { attempts: frame.attempts + since, crashes: frame.crashes + since - 1, dequeued: message.dequeueCount };
    const lease = this.#holds.add(id, message, counts, elapsedMs(this.#clock) + leaseMs);
    return { id, handler, head, body, group, attempt: counts.attempts, crashes: counts.crashes, lease };
  }

  /** Rounded up: never early. */
  #secondsUntil(dueAt: Date | undefined): number {
    return dueAt ? Math.max(0, Math.ceil((dueAt.getTime() - this.#clock.now().getTime()) / 1_000)) : 0;
  }
}

function leaseSeconds(leaseMs: number): number {
  return Math.min(Math.max(1, Math.ceil(leaseMs / 1_000)), longestDelaySeconds);
}

/** How many messages each further call asks for. */
function callSizes(count: number): readonly number[] {
  return Array.from({ length: Math.ceil(count / messagesPerCall) }, (_, index) =>
    Math.min(messagesPerCall, count - index * messagesPerCall),
  );
}

/** Those that were not held. All are tried, also where one fails. */
async function lostOf<Ref extends LeaseRef>(refs: readonly Ref[], isHeld: (ref: Ref) => Promise<boolean>): Promise<readonly Ref[]> {
  const results = await Promise.allSettled(refs.map(isHeld));
  return refs.filter((_, index) => {
    const result = results[index];
    if (result?.status === "rejected") throw result.reason;
    return result?.value === false;
  });
}

function unsupported(what: string): ConfigurationError {
  return new ConfigurationError("unsupported", `Azure Storage Queue cannot ${what}.`);
}
