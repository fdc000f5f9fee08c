import { createHash, randomUUID } from "node:crypto";
import type { DependencyContainer } from "../di.ts";
import { ApplicationError } from "../errors.ts";
import type { Limits } from "../options.ts";
import type { LeasedJob, NewJob } from "../queue/queue.ts";
import { type Receiver, ReceiverRequest, rawHeadersOf } from "../receiver/index.ts";
import type { Delivery } from "./delivery.ts";
import type { WebhookHandler } from "./handler.ts";
import type { Step } from "./plan.ts";
import { type DeliveryHead, headOf, type SerializedDelivery, WebhookQueueContext } from "./queue-context.ts";
import { WebhookQueueHandler } from "./queue-handler.ts";
import { readDelivery } from "./read-delivery.ts";
import type { KeyLookup } from "./secret-lookup.ts";

/** What turns jobs back into deliveries. */
export interface JobOptions {
  readonly findReceiver: (name: string) => Receiver | undefined;
  readonly steps: readonly Step[];
  readonly container: DependencyContainer;
  readonly limits: Limits;
  readonly maxBytesOf: (receiver: Receiver) => number;
  /** Keys, for bodies that are stored as they came: encrypted. */
  readonly keysOf: KeyLookup;
}

/** A delivery, its headers reduced to safe ones, as a job: the head as JSON, the body as the bytes that came. */
export function jobOf(step: Step, delivery: Delivery, identity: string | undefined): NewJob {
  const ordering = step.orderingOf(delivery);
  return {
    id: jobId(step, delivery, identity),
    handler: step.name,
    head: JSON.stringify(headOf(delivery, identity)),
    body: delivery.rawBody,
    group: delivery.receiver,
    ...(ordering ? { ordering } : {}),
  };
}

/** Processes a job on a worker: finds its handler, reads the delivery again, calls `process`. */
export async function processJob(job: LeasedJob, signal: AbortSignal, options: JobOptions): Promise<void> {
  await processDelivery(
    job.handler,
    () => readHead(job.head),
    Buffer.from(job.body.buffer, job.body.byteOffset, job.body.byteLength),
    { attempt: job.attempt, signal },
    options,
  );
}

/** Processes a delivery that came through a queue of the user's own. */
export async function processSerialized(
  delivery: SerializedDelivery,
  run: { readonly attempt: number; readonly signal: AbortSignal },
  options: JobOptions,
): Promise<void> {
  await processDelivery(delivery.handler, () => delivery, Buffer.from(delivery.bodyBase64, "base64"), run, options);
}

async function processDelivery(
  handlerName: string,
  headOfDelivery: () => DeliveryHead,
  body: Buffer,
  run: { readonly attempt: number; readonly signal: AbortSignal },
  options: JobOptions,
): Promise<void> {
  const step = options.steps.find((one) => one.isQueueHandler && one.name === handlerName);
  if (!step) throw new ApplicationError("unknown_handler", `No queue handler is named ${handlerName}.`);
  const head = headOfDelivery();
  if (head.version !== 1)
    throw new ApplicationError("unknown_handler", "The delivery was stored by another version of Hookwright, which has to process it.");
  const receiver = options.findReceiver(head.receiver);
  if (!receiver)
    throw new ApplicationError("unknown_handler", `The receiver ${head.receiver} is not registered, so its delivery cannot be read.`);
  const delivery = await restore(head, body, receiver, options);
  const container = step.instance ? options.container : options.container.createChildContainer();
  const handler = step.instance ?? container.resolve<WebhookHandler>(step.handlerClass);
  if (!(handler instanceof WebhookQueueHandler))
    throw new ApplicationError("unknown_handler", `${handlerName} is not a WebhookQueueHandler.`);
  const send = async (): Promise<void> => {
    throw new TypeError("The delivery is already on the queue: enqueue() is called in the request, process() on a worker.");
  };
  const { identity } = head;
  await handler.process(
    new WebhookQueueContext(delivery, { handler: handlerName, attempt: run.attempt, signal: () => run.signal, identity, send }),
  );
}

/** What the parser says of a text quotes it, and it is not ours to tell. */
function readHead(text: string): DeliveryHead {
  try {
    return JSON.parse(text) as DeliveryHead;
  } catch {
    throw new ApplicationError("unknown_handler", "The head of the job is not one that Hookwright has written.");
  }
}

async function restore(head: DeliveryHead, body: Buffer, receiver: Receiver, options: JobOptions): Promise<Delivery> {
  const url = `https://queue.invalid/?${queryText(head.query)}`;
  const request = new ReceiverRequest({ method: head.method, url, rawHeaders: rawHeadersOf(head.headers), body, bodyRule: receiver.body });
  const keys = receiver.decrypt === undefined ? [] : await options.keysOf(receiver, head.id);
  const read = await readDelivery(receiver, request, body, { ...options.limits, maxBytes: options.maxBytesOf(receiver) }, keys);
  const { deliveryId, receivedAt, retryNumber, sentAt, account, ...rest } = head;
  return {
    ...rest,
    deliveryId,
    receivedAt: new Date(receivedAt),
    retryNumber,
    sentAt: sentAt === undefined ? undefined : new Date(sentAt),
    account,
    rawBody: body,
    data: read.data,
    hasUnsafeIntegers: read.hasUnsafeIntegers,
  };
}

function queryText(query: DeliveryHead["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === "string" ? [value] : value) parameters.append(name, one);
  }
  return parameters.toString();
}

/** The same for every copy of a delivery that is remembered, so that a retry after half a failure stores no second job. */
function jobId(step: Step, delivery: Delivery, identity: string | undefined): string {
  if (identity === undefined) return randomUUID();
  return createHash("sha256")
    .update(JSON.stringify([step.name, delivery.receiver, delivery.id, identity]))
    .digest("base64url")
    .slice(0, 32);
}
