import { ApplicationError, ConfigurationError } from "../../errors.ts";
import { loadPeer } from "../../peer.ts";

/** A ready `SQSClient` of `@aws-sdk/client-sqs`, as far as the queue uses it. It stays open when the queue is closed. */
export interface SqsClient {
  send(command: never, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** Keys of an AWS identity. */
export interface SqsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where the queue is, and how it is reached. */
export interface SqsConnectionOptions {
  /** The queue's URL. */
  readonly url: string;
  /** A ready client, in place of the three below. */
  readonly client?: SqsClient;
  /** Default: the one in the URL, or else what the SDK finds. */
  readonly region?: string;
  /** Default: the host of the URL. */
  readonly endpoint?: string;
  /** Keys, or a function that gets them. Default: what the SDK finds in the environment, such as the role of the machine. */
  readonly credentials?: SqsCredentials | (() => Promise<SqsCredentials>);
  /** Longest wait for an answer, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** A message that was received. */
export interface SqsReceived {
  readonly messageId: string;
  readonly text: string;
  /** Names this receipt, and with it the hold on the message. */
  readonly handle: string;
  /** How often it has been received, this time included. */
  readonly receiveCount: number;
}

/** What became of a message that was sent. */
export type SqsSent = "done" | Error;

/** What became of a message that was held: `gone` where the hold on it is no more. */
export type SqsOutcome = SqsSent | "gone";

/** Most entries of a batch, and most messages of an answer. */
export const entriesPerBatch = 10;

/** The calls to one queue. Each rejects with an `ApplicationError` `queue_unavailable` where it got no usable answer. */
export class SqsCalls {
  readonly #options: SqsConnectionOptions;
  #connected: Promise<Connected> | undefined;

  constructor(options: SqsConnectionOptions) {
    this.#options = options;
  }

  /** Sends up to ten messages. */
  async send(messages: readonly { readonly text: string; readonly delaySeconds: number }[]): Promise<readonly SqsSent[]> {
    const Entries = messages.map(({ text, delaySeconds }, index) => ({ Id: `${index}`, MessageBody: text, DelaySeconds: delaySeconds }));
    const input = { QueueUrl: this.#options.url, Entries };
    return answersOf(Entries, await this.#call(({ SendMessageBatchCommand }) => new SendMessageBatchCommand(input))).map(resultOf);
  }

  /** Receives up to ten messages and hides them for so long; waits for the first of them. */
  async receive(limit: number, { visibilitySeconds, waitSeconds }: ReceiveOptions): Promise<readonly SqsReceived[]> {
    const input = {
      QueueUrl: this.#options.url,
      MaxNumberOfMessages: limit,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["ApproximateReceiveCount" as const],
    };
    const answer = await this.#call(({ ReceiveMessageCommand }) => new ReceiveMessageCommand(input), waitSeconds * 1_000);
    return ((answer as ReceiveAnswer).Messages ?? []).map(readReceived);
  }

  /** Deletes messages for good. */
  delete(handles: readonly string[]): Promise<readonly SqsOutcome[]> {
    return inBatches(handles, async (batch) => {
      const Entries = batch.map((handle, index) => ({ Id: `${index}`, ReceiptHandle: handle }));
      const input = { QueueUrl: this.#options.url, Entries };
      return outcomesOf(Entries, await this.#call(({ DeleteMessageBatchCommand }) => new DeleteMessageBatchCommand(input)));
    });
  }

  /** Hides messages for so long from now. */
  hide(handles: readonly string[], visibilitySeconds: number): Promise<readonly SqsOutcome[]> {
    return inBatches(handles, async (batch) => {
      const Entries = batch.map((handle, index) => ({ Id: `${index}`, ReceiptHandle: handle, VisibilityTimeout: visibilitySeconds }));
      const input = { QueueUrl: this.#options.url, Entries };
      const make = ({ ChangeMessageVisibilityBatchCommand }: Sqs) => new ChangeMessageVisibilityBatchCommand(input);
      return outcomesOf(Entries, await this.#call(make));
    });
  }

  /** About how many messages there are, waiting, hidden and delayed. */
  async count(): Promise<number> {
    const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"] as const;
    const input = { QueueUrl: this.#options.url, AttributeNames: [...names] };
    const answer = await this.#call(({ GetQueueAttributesCommand }) => new GetQueueAttributesCommand(input));
    const { Attributes = {} } = answer as { readonly Attributes?: Readonly<Record<string, string>> };
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  }

  /** Loads the package. What else may be wrong, a first call shows. */
  async ready(): Promise<void> {
    await this.#connect();
  }

  /** Closes the connections of a client of its own. */
  async close(): Promise<void> {
    const connected = await this.#connected?.catch(() => undefined);
    connected?.end();
  }

  #connect(): Promise<Connected> {
    this.#connected ??= connect(this.#options);
    return this.#connected;
  }

  async #call(make: (sqs: Sqs) => object, extraMs = 0): Promise<unknown> {
    try {
      const { sqs, client } = await this.#connect();
      const timeoutMs = (this.#options.timeoutMs ?? defaultTimeoutMs) + extraMs;
      return await client.send(make(sqs) as never, { abortSignal: AbortSignal.timeout(timeoutMs) });
    } catch (cause) {
      if (cause instanceof ConfigurationError) throw cause;
      throw new ApplicationError("queue_unavailable", undefined, { cause: withoutSecrets(cause) });
    }
  }
}

/** A refused signature is answered with the request that should have been signed, and with it the session's token. */
function withoutSecrets(error: unknown): Error {
  const { name, code, message, $metadata } = Object(error) as { readonly [member: string]: unknown };
  const [firstLine = ""] = String(message).split("\n", 1);
  const { requestId } = Object($metadata) as { readonly requestId?: unknown };
  const details = [code, requestId].filter((each) => typeof each === "string" && each !== "");
  return new Error(`${name}: ${firstLine}${details.length > 0 ? ` (${details.join(", ")})` : ""}`);
}

/** Throws the failure of a batch's first entry that failed. */
export function throwFirstFailure(outcomes: readonly SqsOutcome[]): void {
  const failure = outcomes.find((outcome) => outcome instanceof Error);
  if (failure) throw failure;
}

const defaultTimeoutMs = 10_000;
const longestConnectMs = 3_000;

type Sqs = typeof import("@aws-sdk/client-sqs");

interface Connected {
  readonly sqs: Sqs;
  readonly client: SqsClient;
  readonly end: () => void;
}

interface ReceiveOptions {
  readonly visibilitySeconds: number;
  readonly waitSeconds: number;
}

interface ReceiveAnswer {
  readonly Messages?: readonly Received[];
}

interface Received {
  readonly MessageId?: string;
  readonly Body?: string;
  readonly ReceiptHandle?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
}

interface BatchAnswer {
  readonly Successful?: readonly { readonly Id?: string }[];
  readonly Failed?: readonly { readonly Id?: string; readonly Code?: string; readonly Message?: string }[];
}

async function connect({
  url,
  client,
  region,
  endpoint,
  credentials,
  timeoutMs = defaultTimeoutMs,
}: SqsConnectionOptions): Promise<Connected> {
  const sqs = await loadPeer("@aws-sdk/client-sqs", () => import("@aws-sdk/client-sqs"));
  if (client) return { sqs, client, end: () => {} };
  const { host, origin } = new URL(url);
  const knownRegion = region ?? /^sqs(?:-fips)?\.([a-z0-9-]+)\./.exec(host)?.[1];
  const own = new sqs.SQSClient({
    endpoint: endpoint ?? origin, // the SDK writes to the console where the URL and its own idea of the host differ
    requestHandler: { connectionTimeout: Math.min(longestConnectMs, timeoutMs) },
    ...(knownRegion ? { region: knownRegion } : {}),
    ...(credentials ? { credentials } : {}),
  });
  return { sqs, client: own, end: () => own.destroy() };
}

async function inBatches(
  handles: readonly string[],
  call: (batch: readonly string[]) => Promise<readonly SqsOutcome[]>,
): Promise<readonly SqsOutcome[]> {
  const batches: (readonly string[])[] = [];
  for (let from = 0; from < handles.length; from += entriesPerBatch) batches.push(handles.slice(from, from + entriesPerBatch));
  const answers = await Promise.all(batches.map((batch) => call(batch).catch((error: Error) => batch.map(() => error))));
  return answers.flat();
}

/** What SQS said of one entry of a batch. */
type EntryAnswer = "done" | { readonly code: string; readonly text: string };

/** An entry is done only where the answer says so: one that it leaves out may have been lost on the way. */
function answersOf(entries: readonly { readonly Id: string }[], answer: unknown): readonly EntryAnswer[] {
  const { Successful = [], Failed = [] } = answer as BatchAnswer;
  const successful = new Set(Successful.map(({ Id }) => Id));
  const failed = new Map(Failed.map((failure) => [failure.Id, failure]));
  return entries.map(({ Id }) => {
    if (successful.has(Id)) return "done";
    const { Code, Message } = failed.get(Id) ?? { Code: "NoAnswer", Message: "The answer leaves the entry out." };
    return { code: Code?.split(".").at(-1) ?? "", text: `${Code}: ${Message}` };
  });
}

function resultOf(answer: EntryAnswer): SqsSent {
  return answer === "done" ? answer : new ApplicationError("queue_unavailable", undefined, { cause: new Error(answer.text) });
}

/** Codes of entries whose hold is no more. Of the two parameters that an entry has, the visibility time-out is checked before it is sent. */
const goneCodes = new Set(["ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue"]);

function outcomesOf(entries: readonly { readonly Id: string }[], answer: unknown): readonly SqsOutcome[] {
  return answersOf(entries, answer).map((each) => (each !== "done" && goneCodes.has(each.code) ? "gone" : resultOf(each)));
}

function readReceived({ MessageId = "", Body = "", ReceiptHandle = "", Attributes = {} }: Received): SqsReceived {
  return { messageId: MessageId, text: Body, handle: ReceiptHandle, receiveCount: Number(Attributes["ApproximateReceiveCount"] ?? 1) };
}
