import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

/** A request as it came over the wire. */
export interface SqsRequest {
  readonly action: string;
  readonly input: SqsInput;
}

/** The members that one or another of the requests has. */
export interface SqsInput {
  readonly QueueUrl?: string;
  readonly Entries?: readonly SqsEntry[];
  readonly AttributeNames?: readonly string[];
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly WaitTimeSeconds?: number;
  readonly MessageSystemAttributeNames?: readonly string[];
}

/** One entry of a batch. */
export interface SqsEntry {
  readonly Id: string;
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
}

/** An error as SQS answers it: in place of a whole answer, or of one entry of a batch. */
export interface SqsFault {
  readonly code: string;
  readonly status?: number;
  /** Default: that it was made to fail. */
  readonly message?: string;
  /** Id of the entry that fails alone. */
  readonly entry?: string;
}

/** One standard queue behind the JSON protocol of Amazon SQS, as its API reference of 2026-11 describes it. */
export interface SqsServer {
  readonly url: string;
  /** All requests that were well formed. */
  readonly requests: readonly SqsRequest[];
  /** Faults of requests that were not; a correct client causes none. */
  readonly wireFaults: readonly string[];
  /** Most messages that an answer holds, as SQS often gives fewer than it has. */
  mostPerAnswer: number;
  /** Decides whether a request fails. A fault of the whole happens before anything is done. */
  fail: (request: SqsRequest) => SqsFault | undefined;
  /** Sends a message as something else than Hookwright would. */
  put(body: string): void;
  /** Lets time pass for the queue. */
  advance(ms: number): void;
  /** How many connections are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

interface Message {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  receives: number;
  handle: string | undefined;
}

const largestMessageBytes = 262_144;
const isXmlText = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]+$/u;
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message = code, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Starts a server on a free port of this machine. */
export async function startSqsServer(): Promise<SqsServer> {
  const messages = new Set<Message>();
  const issued = new Set<string>();
  const requests: SqsRequest[] = [];
  const wireFaults: string[] = [];
  let advancedMs = 0;
  const now = () => performance.now() + advancedMs;

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/000000000000/${randomUUID()}`;
  const self = {
    url,
    requests,
    wireFaults,
    mostPerAnswer: 10,
    fail: (_request: SqsRequest): SqsFault | undefined => undefined,
    put,
    advance,
    connections,
    close,
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = (status: number, body: object, headers = {}) =>
      response
        .writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": randomUUID(), ...headers })
        .end(JSON.stringify(body));
    try {
      const read = await readRequest(request);
      requests.push(read);
      const fault = self.fail(read);
      if (fault && fault.entry === undefined) throw new Refusal(fault.code, fault.message ?? "made to fail", fault.status ?? 400);
      reply(200, await perform(read, fault));
    } catch (thrown) {
      const { code, status, message } = thrown instanceof Refusal ? thrown : new Refusal("InternalError", String(thrown), 500);
      const side = status < 500 ? "Sender" : "Receiver";
      reply(status, { __type: `com.amazonaws.sqs#${code}`, message }, { "x-amzn-query-error": `AWS.SimpleQueueService.${code};${side}` });
    }
  }

  async function readRequest(request: IncomingMessage): Promise<SqsRequest> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization = "", "content-type": type, "x-amz-target": target = "", "x-amz-date": date = "" } = request.headers;
    const check = (isRight: boolean, what: string) => {
      if (isRight) return;
      wireFaults.push(what);
      throw new Refusal("InvalidAction", what);
    };
    check(request.method === "POST" && request.url === "/", `${request.method} ${request.url}`);
    check(type === "application/x-amz-json-1.0", `content type ${type}`);
    check(/^\d{8}T\d{6}Z$/.test(`${date}`), `date ${date}`);
    const signature = /^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/[\w-]+\/sqs\/aws4_request, SignedHeaders=[\w;-]+, Signature=[0-9a-f]{64}$/;
    check(signature.test(authorization), "no signature");
    const [service, action = ""] = `${target}`.split(".");
    check(service === "AmazonSQS", `target ${target}`);
    return { action, input: JSON.parse(Buffer.concat(chunks).toString()) };
  }

  async function perform({ action, input }: SqsRequest, fault: SqsFault | undefined): Promise<object> {
    if (input.QueueUrl !== url) throw new Refusal("QueueDoesNotExist", "The specified queue does not exist.");
    switch (action) {
      case "SendMessageBatch":
        return eachEntry(input, fault, sendEntry);
      case "ReceiveMessage":
        return receive(input);
      case "DeleteMessageBatch":
        return eachEntry(input, fault, deleteEntry);
      case "ChangeMessageVisibilityBatch":
        return eachEntry(input, fault, hideEntry);
      case "GetQueueAttributes":
        return { Attributes: count(input.AttributeNames ?? []) };
      default:
        throw new Refusal("UnsupportedOperation", action);
    }
  }

  function eachEntry(input: SqsInput, fault: SqsFault | undefined, act: (entry: SqsEntry) => object): object {
    const entries = input.Entries ?? [];
    if (entries.length === 0) throw new Refusal("EmptyBatchRequest");
    if (entries.length > 10) throw new Refusal("TooManyEntriesInBatchRequest");
    if (new Set(entries.map(({ Id }) => Id)).size < entries.length) throw new Refusal("BatchEntryIdsNotDistinct");
    if (!entries.every(({ Id }) => /^[\w-]{1,80}$/.test(Id))) throw new Refusal("InvalidBatchEntryId");
    const bytes = entries.reduce((sum, { MessageBody = "" }) => sum + Buffer.byteLength(MessageBody), 0);
    if (bytes > largestMessageBytes) throw new Refusal("BatchRequestTooLong");
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of entries) {
      try {
        if (fault?.entry === entry.Id) throw new Refusal(fault!.code, "made to fail", fault!.status);
        Successful.push({ Id: entry.Id, ...act(entry) });
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        Failed.push({ Id: entry.Id, Code: thrown.code, Message: thrown.message, SenderFault: thrown.status < 500 });
      }
    }
    return { Successful, ...(Failed.length > 0 ? { Failed } : {}) };
  }

  function sendEntry({ MessageBody = "", DelaySeconds = 0 }: SqsEntry): object {
    if (!isXmlText.test(MessageBody)) throw new Refusal("InvalidMessageContents");
    checkSeconds(DelaySeconds, 900, "DelaySeconds");
    const message = add(MessageBody, DelaySeconds * 1_000);
    return { MessageId: message.id, MD5OfMessageBody: md5(MessageBody) };
  }

  function add(body: string, delayMs: number): Message {
    const message: Message = { id: randomUUID(), body, visibleAt: now() + delayMs, receives: 0, handle: undefined };
    messages.add(message);
    return message;
  }

  function put(body: string): void {
    add(body, 0);
  }

  function advance(ms: number): void {
    advancedMs += ms;
  }

  async function receive(input: SqsInput): Promise<object> {
    const {
      MaxNumberOfMessages: limit = 1,
      VisibilityTimeout: seconds = 30,
      WaitTimeSeconds: wait = 0,
      MessageSystemAttributeNames: names = [],
    } = input;
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 10)) throw new Refusal("InvalidParameterValue", "MaxNumberOfMessages");
    checkSeconds(seconds, 43_200, "VisibilityTimeout");
    checkSeconds(wait, 20, "WaitTimeSeconds");
    const giveUpAt = now() + wait * 1_000;
    let found = take(Math.min(limit, self.mostPerAnswer), seconds);
    while (found.length === 0 && now() < giveUpAt && server.listening) {
      await delay(5);
      found = take(limit, seconds);
    }
    const Messages = found.map(({ id, body, handle, receives }) => ({
      MessageId: id,
      ReceiptHandle: handle,
      Body: body,
      MD5OfBody: md5(body),
      ...(names.includes("ApproximateReceiveCount") ? { Attributes: { ApproximateReceiveCount: `${receives}` } } : {}),
    }));
    return Messages.length > 0 ? { Messages } : {};
  }

  function take(limit: number, seconds: number): readonly Message[] {
    const found = [...messages].filter(({ visibleAt }) => visibleAt <= now()).slice(0, limit);
    for (const message of found) {
      message.visibleAt = now() + seconds * 1_000;
      message.receives++;
      message.handle = randomUUID();
      issued.add(message.handle);
    }
    return found;
  }

  /** The message that a handle stands for; none where it has been received again since, or is gone. */
  function holder(handle: string): Message | undefined {
    if (!issued.has(handle)) throw new Refusal("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    return [...messages].find((message) => message.handle === handle);
  }

  /** As with SQS, an old handle is no error: the answer is success, and the message stays. */
  function deleteEntry({ ReceiptHandle = "" }: SqsEntry): object {
    const message = holder(ReceiptHandle);
    if (message) messages.delete(message);
    return {};
  }

  function hideEntry({ ReceiptHandle = "", VisibilityTimeout = -1 }: SqsEntry): object {
    checkSeconds(VisibilityTimeout, 43_200, "VisibilityTimeout");
    const message = holder(ReceiptHandle);
    if (!message || message.visibleAt <= now()) throw new Refusal("MessageNotInflight");
    message.visibleAt = now() + VisibilityTimeout * 1_000;
    return {};
  }

  function count(names: readonly string[]): Record<string, string> {
    const numberOf = (condition: (message: Message) => boolean) => `${[...messages].filter(condition).length}`;
    const all: Record<string, string> = {
      ApproximateNumberOfMessages: numberOf(({ visibleAt }) => visibleAt <= now()),
      ApproximateNumberOfMessagesNotVisible: numberOf(({ visibleAt, handle }) => visibleAt > now() && handle !== undefined),
      ApproximateNumberOfMessagesDelayed: numberOf(({ visibleAt, handle }) => visibleAt > now() && handle === undefined),
    };
    return Object.fromEntries(names.map((name) => [name, all[name] ?? ""]));
  }

  function connections(): Promise<number> {
    return promisify(server.getConnections.bind(server))();
  }

  async function close(): Promise<void> {
    server.close();
    server.closeAllConnections();
    if (server.listening) await once(server, "close");
  }

  return self;
}

function checkSeconds(seconds: unknown, most: number, name: string): void {
  if (!(Number.isInteger(seconds) && (seconds as number) >= 0 && (seconds as number) <= most)) {
    throw new Refusal("InvalidParameterValue", `Value ${seconds} for parameter ${name} is invalid. Reason: Must be between 0 and ${most}.`);
  }
}
