import { ConfigurationError } from "../../errors.ts";
import { loadPeer } from "../../peer.ts";

/** What every call takes. */
interface CallOptions {
  readonly abortSignal?: AbortSignal;
}

/** A message as the service hands it out. */
export interface AzureMessage {
  readonly messageId: string;
  readonly popReceipt: string;
  readonly messageText: string;
  readonly dequeueCount: number;
}

/** The part of a `QueueClient` of `@azure/storage-queue` that is used. */
export interface AzureQueueClient {
  createIfNotExists(options?: CallOptions): Promise<unknown>;
  getProperties(options?: CallOptions): Promise<{ readonly approximateMessagesCount?: number }>;
  sendMessage(
    messageText: string,
    options?: CallOptions & { readonly visibilityTimeout?: number; readonly messageTimeToLive?: number },
  ): Promise<unknown>;
  receiveMessages(
    options?: CallOptions & { readonly numberOfMessages?: number; readonly visibilityTimeout?: number },
  ): Promise<{ readonly receivedMessageItems: readonly AzureMessage[] }>;
  updateMessage(
    messageId: string,
    popReceipt: string,
    message?: string,
    visibilityTimeout?: number,
    options?: CallOptions,
  ): Promise<{ readonly popReceipt?: string }>;
  deleteMessage(messageId: string, popReceipt: string, options?: CallOptions): Promise<unknown>;
}

/** The package's own retries: few and soon, because whoever calls tries again too. */
const retryOptions = { maxTries: 3, tryTimeoutInMs: 5_000, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 };

/**
 * A client for a connection string.
 *
 * @throws ConfigurationError `package_missing`, or `invalid_options` without a cause: the package's errors may quote the string.
 */
export async function openClient(connection: string, name: string): Promise<AzureQueueClient> {
  const { QueueClient } = await loadPeer("@azure/storage-queue", () => import("@azure/storage-queue"));
  try {
    return new QueueClient(connection, name, { retryOptions });
  } catch {
    throw new ConfigurationError("invalid_options", "azureStorageQueue: `connection` is not a connection string of Azure Storage.");
  }
}
