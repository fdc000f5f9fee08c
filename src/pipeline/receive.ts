import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import { ApplicationError, RequestError, WebhookError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Limits } from "../options.ts";
import { maxDiagnosedBytes } from "../receiver/diagnose.ts";
import { allowedMethods, type HandshakeAnswer, type Receiver, ReceiverRequest, readSource } from "../receiver/index.ts";
import { verifyRequest } from "../receiver/verification.ts";
import { decodeContent } from "../receiver/content-encoding.ts";
import { type Answer, answerOf, answerToError, errorFields } from "./answer.ts";
import type { Counters } from "./counters.ts";
import type { Deduplicator, DeliveryRun } from "./deduplicate.ts";
import { type Delivery, ReceivedDelivery } from "./delivery.ts";
import type { Plan } from "./plan.ts";
import { type ReadDelivery, readDelivery } from "./read-delivery.ts";
import type { Rejections } from "./rejections.ts";
import type { WebhookResponse } from "./response.ts";
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
export interface ReceiverSettings {
  readonly maxBytes: number;
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
  readonly run: (plan: Plan, delivery: Delivery, receiver: Receiver, jobKey: string | undefined) => Promise<WebhookResponse | undefined>;
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
    try {
      return await receive(webhook, options);
    } catch (thrown) {
      const error = thrown instanceof WebhookError ? thrown : new ApplicationError("handler_failed", "An unexpected error ended the delivery.", { cause: thrown });
      options.counters.add(error.status >= 500 ? "failed" : "rejected");
      const level = error.status >= 500 ? "error" : error.status === 401 ? "warn" : "info";
      options.logger[level]({ receiver: short(webhook.receiver), id: short(webhook.id), method: webhook.method, ...errorFields(error) }, error.message);
      return answerToError(error);
    }
  };
}

async function receive(webhook: IncomingWebhook, options: ReceiveOptions): Promise<Answer> {
  const receiver = options.findReceiver(webhook.receiver);
  if (!receiver) throw new RequestError("unknown_receiver");
  const methods = allowedMethods(receiver);
  if (!methods.includes(webhook.method)) throw new RequestError("method_not_allowed", undefined, { headers: { allow: methods.join(", ") } });
  const settings = options.settingsOf(receiver);
  if (!webhook.secure && !settings.allowHttp) throw new RequestError("https_required", "This webhook takes https only.", { expose: true });
  const keys = await options.keysOf(receiver, webhook.id);
  const shaken = shakeUnverified(receiver, webhook);
  if (shaken) {
    options.counters.add("handshakes");
    return answerOf(shaken);
  }
  const wire = await webhook.readBody(settings.maxBytes);
  const { request, secretIndex } = await prove(receiver, webhook, wire, keys, settings, options);
  const read = await readDelivery(receiver, request, wire, { ...options.limits, maxBytes: settings.maxBytes });
  const answered = shakeVerified(receiver, read);
  if (answered) {
    options.counters.add("handshakes");
    return answerOf(answered);
  }
  return answerOf(await deliver(receiver, deliveryOf(receiver, webhook, wire, read, secretIndex, options), settings, options));
}

async function prove(receiver: Receiver, webhook: IncomingWebhook, wire: Buffer, keys: readonly unknown[], settings: ReceiverSettings, options: ReceiveOptions) {
  const parts = { method: webhook.method, url: webhook.url, rawHeaders: webhook.rawHeaders };
  const undecoded = new ReceiverRequest({ ...parts, body: wire });
  const request =
    receiver.signs === "wire"
      ? undecoded
      : new ReceiverRequest({ ...parts, body: await decodeContent(wire, undecoded.headers.get("content-encoding"), settings.maxBytes) });
  const context = { now: options.clock.now().getTime() / 1000, ...(settings.toleranceSeconds === undefined ? {} : { toleranceSeconds: settings.toleranceSeconds }) };
  const result = verifyRequest(receiver.verify, request, keys, context);
  if (result.verified) return { request, secretIndex: result.secretIndex };
  const guess = result.code === "signature_mismatch" && wire.length <= maxDiagnosedBytes ? options.rejections.explain(receiver, request, keys, context) : undefined;
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

function deliveryOf(receiver: Receiver, webhook: IncomingWebhook, wire: Buffer, read: ReadDelivery, secretIndex: number, options: ReceiveOptions): Delivery {
  const events = readSource(receiver.events, read);
  if (events.length === 0 && receiver.eventRequired) throw new RequestError("event_missing");
  const deliveryId = receiver.deliveryId === undefined ? undefined : readSource(receiver.deliveryId, read)[0];
  const { data, hasUnsafeIntegers } = read;
  const facts = { id: webhook.id, events, deliveryId, receivedAt: options.clock.now(), rawBody: wire, data, secretIndex, hasUnsafeIntegers };
  return new ReceivedDelivery(facts, receiver, read.request);
}

async function deliver(receiver: Receiver, delivery: Delivery, settings: ReceiverSettings, options: ReceiveOptions): Promise<WebhookResponse> {
  const plan = options.planOf(delivery.receiver, delivery.id, delivery.events);
  const fields = { receiver: delivery.receiver, id: delivery.id, events: delivery.events, deliveryId: delivery.deliveryId };
  if (plan.steps.length === 0) {
    options.counters.add("ignored");
    options.logger.debug(fields, "ignored: no handler for it");
    return receiver.respond;
  }
  const key = identityOf(receiver, delivery, plan, settings);
  const run = key === undefined ? unremembered : await options.deduplicator.claim(delivery, key);
  if (!run) {
    options.counters.add("duplicates");
    options.logger.info(fields, "duplicate: handled before");
    return { status: 200 };
  }
  let response: WebhookResponse | undefined;
  try {
    response = await options.run(plan, delivery, receiver, key);
  } catch (error) {
    await run.release();
    throw error;
  }
  // Only what was taken on is remembered: a provider that is told to come again, or to go away, may ask again.
  if (response === undefined || response.status < 400) await run.complete();
  else await run.release();
  options.counters.add("handled");
  options.logger.debug(fields, "handled");
  return response ?? receiver.respond;
}

/**
 * What a delivery is known by: the provider's own id, never the text of a signature. Where the provider has ids but this
 * delivery lacks one, its content stands in, so that leaving the header out does not switch the check off.
 */
function identityOf(receiver: Receiver, delivery: Delivery, plan: Plan, { deduplicate }: ReceiverSettings): string | undefined {
  if (typeof deduplicate === "function") return deduplicate(delivery);
  if (deduplicate === false || (deduplicate === "queue" && !plan.hasQueueHandler) || receiver.deliveryId === undefined) return undefined;
  const id = delivery.deliveryId;
  if (id !== undefined && id.length <= 200) return id;
  return `sha256:${createHash("sha256").update(delivery.events.join("\n")).update("\n").update(id ?? "").update(delivery.rawBody).digest("base64url")}`;
}

const unremembered: DeliveryRun = { complete: async () => {}, release: async () => {} };

/** Names from the URL as a log may carry them. */
function short(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
