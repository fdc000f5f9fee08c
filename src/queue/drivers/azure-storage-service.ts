import { ApplicationError, ConfigurationError } from "../../errors.ts";
import type { AzureMessage, AzureQueueClient } from "./azure-storage-client.ts";
import { Slots } from "./azure-storage-slots.ts";

/** Longest wait for a call, the package's own retries included. */
const longestCallMs = 10_000;

/** Calls at once: one HTTP connection each. */
const sendsAtOnce = 32;
const othersAtOnce = 32;

/** What the driver asks of the service: each call bounded in time and number, its failure without anything secret. */
export class AzureService {
  readonly #open: () => Promise<AzureQueueClient>;
  readonly #sends = new Slots(sendsAtOnce);
  readonly #others = new Slots(othersAtOnce);
  #client: Promise<AzureQueueClient> | undefined;
  #creating: Promise<unknown> | undefined;

  constructor(open: () => Promise<AzureQueueClient>) {
    this.#open = open;
  }

  /** Loads the package, and reads the connection string. */
  async ready(): Promise<void> {
    await this.#connect();
  }

  /** Stores a message that never expires; otherwise the service drops it after seven days. */
  async send(text: string, visibilityTimeout: number): Promise<void> {
    await this.#call(this.#sends, (client, options) => client.sendMessage(text, { ...options, visibilityTimeout, messageTimeToLive: -1 }));
  }

  async receive(numberOfMessages: number, visibilityTimeout: number): Promise<readonly AzureMessage[]> {
    const { receivedMessageItems } = await this.#call(this.#others, (client, options) =>
      client.receiveMessages({ ...options, numberOfMessages, visibilityTimeout }),
    );
    return receivedMessageItems;
  }

  /** Moves the time at which a message shows again, and replaces its text if one is given. The new receipt, or undefined where the old one holds no more. */
  async update(messageId: string, receipt: string, text: string | undefined, visibilityTimeout: number): Promise<string | undefined> {
    return this.#call(this.#others, async (client, options) => {
      const updated = await unlessGone(client.updateMessage(messageId, receipt, text, visibilityTimeout, options));
      return updated && (updated.popReceipt ?? receipt);
    });
  }

  /** Deletes a message; answers whether the receipt still held. */
  async delete(messageId: string, receipt: string): Promise<boolean> {
    const deleted = await this.#call(this.#others, (client, options) => unlessGone(client.deleteMessage(messageId, receipt, options)));
    return deleted !== undefined;
  }

  /** How many messages there are, held and delayed ones included. */
  async count(): Promise<number> {
    const { approximateMessagesCount } = await this.#call(this.#others, (client, options) => client.getProperties(options));
    return approximateMessagesCount ?? 0;
  }

  async #call<Result>(slots: Slots, use: Use<Result>): Promise<Result> {
    try {
      return await slots.run(() => this.#callWithin(longestCallMs, slots, use));
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw new ApplicationError("queue_unavailable", undefined, { cause: withoutSecrets(error) });
    }
  }

  async #callWithin<Result>(ms: number, slots: Slots, use: Use<Result>): Promise<Result> {
    const abortSignal = AbortSignal.timeout(ms);
    try {
      return await this.#withQueue(await this.#connect(), { abortSignal }, use);
    } catch (error) {
      if (!abortSignal.aborted) throw error;
      // A burst may wait in line as long as the service answers. When it does not, nobody else need find out by himself.
      const failure = new Error(`No answer within ${ms / 1_000} seconds.`);
      slots.clear(failure);
      throw failure;
    }
  }

  #connect(): Promise<AzureQueueClient> {
    this.#client ??= this.#open().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  /** Creates the queue only when it turns out to be missing: credentials need not have the right to where it is there. */
  async #withQueue<Result>(client: AzureQueueClient, options: CallOptions, use: Use<Result>): Promise<Result> {
    try {
      return await use(client, options);
    } catch (error) {
      if (codeOf(error) !== "QueueNotFound") throw error;
      this.#creating ??= client.createIfNotExists(options).finally(() => {
        this.#creating = undefined;
      });
      await this.#creating;
      return use(client, options);
    }
  }
}

interface CallOptions {
  readonly abortSignal: AbortSignal;
}

type Use<Result> = (client: AzureQueueClient, options: CallOptions) => Promise<Result>;

/** The errors that say: the message is gone, or has been handed out again since. */
const goneCodes: ReadonlySet<unknown> = new Set(["MessageNotFound", "PopReceiptMismatch"]);

async function unlessGone<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (goneCodes.has(codeOf(error))) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** The package's errors carry their request, whose URL and headers hold signatures. */
function withoutSecrets(error: unknown): Error {
  const { name, code, statusCode, message } = Object(error) as { readonly [member: string]: unknown };
  const [firstLine = ""] = String(message).split("\n", 1);
  const status = typeof statusCode === "number" ? ` (HTTP ${statusCode})` : "";
  return new Error(`${typeof code === "string" ? code : String(name)}${status}: ${firstLine.replaceAll(/\?\S+/g, "?…")}`);
}
