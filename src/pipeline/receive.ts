import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { ApplicationError, isWebhookError, RequestError } from "../errors.ts";
import type { LogFields, Logger } from "../logger.ts";
import type { Limits } from "../options.ts";
import { decodeContent } from "../receiver/content-encoding.ts";
import { maxDiagnosedBytes } from "../receiver/diagnose.ts";
import { defaultId, type HandshakeAnswer, type Receiver, ReceiverRequest, readSource } from "../receiver/index.ts";
import { verifyRequest } from "../receiver/verification.ts";
import { type Answer, answerOf, answerToError, errorFields } from "./answer.ts";
import type { Counters } from "./counters.ts";
import type { Deduplicator, DeliveryRun } from "./deduplicate.ts";
import { type Delivery, ReceivedDelivery } from "./delivery.ts";
import type { Plan } from "./plan.ts";
import { type ReadDelivery, readDelivery } from "./read-delivery.ts";
import type { Rejections } from "./rejections.ts";
import type { WebhookResponse } from "./response.ts";
import type { RunProgress } from "./run.ts";
import type { KeyLookup } from "./secret-lookup.ts";

/** A request to a receiver, before its body is read. */
export interface IncomingWebhook {
  readonly receiver: string;
  readonly id: string;
  readonly method: string;
  /** Absolute URL that the provider called, by the configured `publicUrl`. */
  readonly url: string;
  readonly rawHeaders: readonly string[];
  /** Whether it came over TLS or from this machine. */
  readonly secure: boolean;
  /** Reads the body up to a limit; called at most once, and only after route, method and secrets are known to be right. */
  readBody(maxBytes: number): Promise<Buffer>;
}

/** Per-receiver settings, with their defaults. */
export interface ReceiverSettings extends Pick<Limits, "maxBytes" | "maxDepth" | "maxKeys"> {
  /** Every method that some request to the receiver may use. */
  readonly methods: readonly string[];
  readonly allowHttp: boolean;
  readonly toleranceSeconds: number | undefined;
  /** Whether to deduplicate, for a plan; and by what. */
  readonly deduplicate: boolean | "queue" | ((delivery: Delivery) => string | undefined);
}

/** What the journey needs. */
export interface ReceiveOptions {
  readonly findReceiver: (name: string) => Receiver | undefined;
  readonly settingsOf: (receiver: Receiver) => ReceiverSettings;
  readonly keysOf: KeyLookup;
  readonly planOf: (receiver: string, id: string, events: readonly string[]) => Plan;
  readonly run: (
    plan: Plan,
    delivery: Delivery,
    receiver: Receiver,
    jobKey: string | undefined,
    progress: RunProgress,
  ) => Promise<WebhookResponse | undefined>;
  readonly deduplicator: Deduplicator;
  readonly counters: Counters;
  readonly rejections: Rejections;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The journey of one request, from its route to its answer. */
export type Receive = (webhook: IncomingWebhook) => Promise<Answer>;

/** Makes the journey. What goes wrong is caught once, here: logged with its code and hint, and answered with less. */
export function createReceive(options: ReceiveOptions): Receive {
  return async (webhook) => {
    const progress: Progress = {};
    try {
      return await receive(webhook, progress, options);
    } catch (thrown) {
      const error =
        isWebhookError(thrown) && thrown.status >= 400
          ? thrown
          : new ApplicationError("handler_failed", "An unexpected error ended the delivery.", { cause: thrown });
      options.counters.add(error.status >= 500 ? "failed" : "rejected");
      const level = error.status >= 500 ? "error" : error.status === 401 ? "warn" : "info";
      options.logger[level](
        { receiver: short(webhook.receiver), id: short(webhook.id), method: webhook.method, ...fieldsOf(progress), ...errorFields(error) },
        error.message,
      );
      return answerToError(error);
    }
  };
}

/** At most 200 characters, none of them a control character. */
const plausibleId = /^\P{Cc}{1,200}$/u;

/** How far a request has come, for the one log line about its failure. */
interface Progress extends RunProgress {
  delivery?: Delivery;
}

/** What log lines say of a delivery. Made when there is a line to write, and only then. */
function fieldsOf({ delivery, handler }: Progress): LogFields {
  if (!delivery) return {};
  const { receiver, id, events, deliveryId } = delivery;
  return {
    receiver,
    id: short(id),
    events: events.map(short),
    deliveryId: deliveryId === undefined ? undefined : short(deliveryId),
    ...(handler === undefined ? {} : { handler }),
  };
}

function logDebug(progress: Progress, message: string, { logger }: ReceiveOptions): void {
  if (logger.isLevelEnabled?.("debug") ?? true) logger.debug(fieldsOf(progress), message);
}

async function receive(webhook: IncomingWebhook, progress: Progress, options: ReceiveOptions): Promise<Answer> {
  const receiver = options.findReceiver(webhook.receiver);
  if (!receiver) throw new RequestError("unknown_receiver");
  const settings = options.settingsOf(receiver);
  const { methods } = settings;
  if (!methods.includes(webhook.method))
    throw new RequestError("method_not_allowed", undefined, { headers: { allow: methods.join(", ") } });
  if (!webhook.secure && !settings.allowHttp) throw new RequestError("https_required", "This webhook takes https only.", { expose: true });
  // A source of secrets is user code that meets whatever a stranger writes into a URL.
  if (webhook.id !== defaultId && !plausibleId.test(webhook.id)) throw new RequestError("unknown_id");
  const found = options.keysOf(receiver, webhook.id);
  const keys = found instanceof Promise ? await found : found;
  const shaken = shakeUnverified(receiver, webhook);
  if (shaken) {
    options.counters.add("handshakes");
    return answerOf(shaken);
  }
  const wire = await webhook.readBody(settings.maxBytes);
  const signed = signedRequest(receiver, webhook, wire, settings.maxBytes);
  const request = signed instanceof Promise ? await signed : signed;
  const secretIndex = prove(receiver, request, keys, settings, options);
  const reading = readDelivery(receiver, request, wire, settings);
  const read = reading instanceof Promise ? await reading : reading;
  const answered = shakeVerified(receiver, read);
  if (answered) {
    options.counters.add("handshakes");
    return answerOf(answered);
  }
  return answerOf(await deliver(receiver, deliveryOf(receiver, webhook, wire, read, secretIndex, options), settings, progress, options));
}

/** The request as the provider signed it: most sign the bytes on the wire, some what they decompress to. */
function signedRequest(
  receiver: Receiver,
  webhook: IncomingWebhook,
  wire: Buffer,
  maxBytes: number,
): ReceiverRequest | Promise<ReceiverRequest> {
  const { method, url, rawHeaders } = webhook;
  const request = new ReceiverRequest({ method, url, rawHeaders, body: wire });
  if (receiver.signs === "wire") return request;
  return Promise.resolve(decodeContent(wire, request.headers.get("content-encoding"), maxBytes)).then(
    (body) => new ReceiverRequest({ method, url, rawHeaders, body }),
  );
}

/** Which secret the request was signed with; throws where none was. */
function prove(
  receiver: Receiver,
  request: ReceiverRequest,
  keys: readonly unknown[],
  settings: ReceiverSettings,
  options: ReceiveOptions,
): number {
  const now = options.clock.now().getTime() / 1000;
  const context = settings.toleranceSeconds === undefined ? { now } : { now, toleranceSeconds: settings.toleranceSeconds };
  const result = verifyRequest(receiver.verify, request, keys, context);
  if (result.verified) return result.secretIndex;
  const canGuess = result.code === "signature_mismatch" && request.body.length <= maxDiagnosedBytes;
  const guess = canGuess ? options.rejections.explain(receiver, request, keys, context) : undefined;
  throw new RequestError(result.code, undefined, { hint: guess ?? result.hint });
}

function shakeUnverified(receiver: Receiver, webhook: IncomingWebhook): HandshakeAnswer | undefined {
  const handshake = receiver.handshakes.find((one) => one.proof === "none" && one.method === webhook.method);
  if (handshake?.proof !== "none") return undefined;
  return wellFormed(handshake.answer(new ReceiverRequest({ method: webhook.method, url: webhook.url, rawHeaders: webhook.rawHeaders })));
}

function shakeVerified(receiver: Receiver, read: ReadDelivery): HandshakeAnswer | undefined {
  for (const handshake of receiver.handshakes) {
    if (handshake.proof !== "scheme" || handshake.method !== read.request.method) continue;
    const answer = handshake.answer(read);
    if (answer !== undefined) return wellFormed(answer);
  }
  return undefined;
}

function wellFormed(answer: HandshakeAnswer | "malformed"): HandshakeAnswer {
  if (answer === "malformed") throw new RequestError("handshake_malformed");
  return answer;
}

function deliveryOf(
  receiver: Receiver,
  webhook: IncomingWebhook,
  wire: Buffer,
  read: ReadDelivery,
  secretIndex: number,
  options: ReceiveOptions,
): Delivery {
  const events = readSource(receiver.events, read);
  if (events.length === 0 && receiver.eventRequired) throw new RequestError("event_missing");
  const deliveryId = receiver.deliveryId === undefined ? undefined : readSource(receiver.deliveryId, read)[0];
  const { data, hasUnsafeIntegers } = read;
  const facts = {
    id: webhook.id,
    events,
    deliveryId,
    receivedAt: options.clock.now(),
    rawBody: wire,
    data,
    secretIndex,
    hasUnsafeIntegers,
  };
  return new ReceivedDelivery(facts, receiver, read.request);
}

async function deliver(
  receiver: Receiver,
  delivery: Delivery,
  settings: ReceiverSettings,
  progress: Progress,
  options: ReceiveOptions,
): Promise<WebhookResponse> {
  const plan = options.planOf(delivery.receiver, delivery.id, delivery.events);
  progress.delivery = delivery;
  if (plan.steps.length === 0) {
    options.counters.add("ignored");
    logDebug(progress, "ignored: no handler for it", options);
    return receiver.respond;
  }
  const key = identityOf(receiver, delivery, plan, settings);
  const run = key === undefined ? unremembered : await options.deduplicator.claim(delivery, key);
  if (!run) {
    options.counters.add("duplicates");
    options.logger.info(fieldsOf(progress), "duplicate: handled before");
    return receiver.respond;
  }
  let response: WebhookResponse | undefined;
  try {
    response = await options.run(plan, delivery, receiver, key, progress);
  } catch (error) {
    await run.release();
    throw error;
  }
  // Only what was taken on is remembered: a provider that is told to come again, or to go away, may ask again.
  if (response === undefined || response.status < 400) run.complete();
  else await run.release();
  options.counters.add("handled");
  logDebug(progress, "handled", options);
  return response ?? receiver.respond;
}

/**
 * What a delivery is known by: the provider's own id, never the text of a signature. Where the provider always sends one
 * but this delivery lacks it, its content stands in, so that leaving the header out does not switch the check off. A
 * receiver that finds the id by a function says with undefined that some deliveries have none.
 */
function identityOf(receiver: Receiver, delivery: Delivery, plan: Plan, { deduplicate }: ReceiverSettings): string | undefined {
  if (typeof deduplicate === "function") return deduplicate(delivery);
  if (deduplicate === false || (deduplicate === "queue" && !plan.hasQueueHandler) || receiver.deliveryId === undefined) return undefined;
  const id = delivery.deliveryId;
  if (id !== undefined && id.length <= 200) return id;
  if (id === undefined && typeof receiver.deliveryId === "function") return undefined;
  return `sha256:${createHash("sha256")
    .update(delivery.events.join("\n"))
    .update("\n")
    .update(id ?? "")
    .update(delivery.rawBody)
    .digest("base64url")}`;
}

const unremembered: DeliveryRun = { complete: () => {}, release: async () => {} };

/** Names that a stranger or a provider chose, as a log may carry them. */
function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
