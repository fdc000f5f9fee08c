import { createHash } from "node:crypto";
import { ApplicationError, isWebhookError, RequestError, type WebhookError } from "../errors.ts";
import type { LogFields, Logger } from "../logger.ts";
import type { Limits } from "../options.ts";
import {
  type DefaultAnswer,
  defaultId,
  type HandshakeAnswer,
  type HeldProof,
  type Receiver,
  ReceiverRequest,
  readSource,
  type VerifiedRequest,
} from "../receiver/index.ts";
import { type Answer, answerOf, answerToError, errorFields } from "./answer.ts";
import type { Counters } from "./counters.ts";
import type { Deduplicator, DeliveryRun } from "./deduplicate.ts";
import { type Delivery, deliveryIdOf, ReceivedDelivery } from "./delivery.ts";
import type { Plan } from "./plan.ts";
import { type ProveOptions, prove, signedRequest } from "./prove.ts";
import { type ReadDelivery, readDelivery } from "./read-delivery.ts";
import type { WebhookResponse } from "./response.ts";
import type { RunProgress, RunResult } from "./run.ts";
import type { KeyLookup } from "./secret-lookup.ts";
import type { SetupWindows } from "./setup-windows.ts";
import { answerSigned, answerUnsigned, type Confirm, confirm, shakeBeforeProof } from "./shake-hands.ts";

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
export interface ReceiveOptions extends ProveOptions {
  readonly findReceiver: (name: string) => Receiver | undefined;
  readonly settingsOf: (receiver: Receiver) => ReceiverSettings;
  readonly keysOf: KeyLookup;
  readonly planOf: (receiver: string, id: string, events: readonly string[]) => Plan;
  readonly run: (
    plan: Plan,
    delivery: Delivery,
    receiver: Receiver,
    identity: string | undefined,
    progress: RunProgress,
  ) => Promise<RunResult>;
  readonly deduplicator: Deduplicator;
  readonly counters: Counters;
  /** Calls confirmation URLs of handshakes. */
  readonly confirm: Confirm;
  readonly setups: SetupWindows;
  readonly limits: Limits;
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
      // A server without room for a body says so itself, and not for each request.
      if (error.code !== "overloaded" || progress.receiver) logFailure(error, webhook, progress, options);
      return shaped(progress, answerToError(error), error.status === 401);
    }
  };
}

function logFailure(error: WebhookError, { receiver, id, method }: IncomingWebhook, progress: Progress, { logger }: ReceiveOptions): void {
  const level = error.status >= 500 ? "error" : error.status === 401 ? "warn" : "info";
  const request = { receiver: short(receiver), id: short(id), method };
  logger[level]({ ...request, ...fieldsOf(progress), ...errorFields(error) }, error.message);
}

/** An error in the form that the provider understands, where it has one of its own. */
function shaped({ receiver, request }: Progress, answer: Answer, isRefusal: boolean): Answer {
  if (isRefusal && receiver?.refusal) return answerOf(receiver.refusal);
  return receiver?.shapeAnswer && request ? answerOf(receiver.shapeAnswer(answer, request)) : answer;
}

/** At most 200 characters, none of them a control character. */
const plausibleId = /^\P{Cc}{1,200}$/u;

/** How far a request has come, for the one log line about its failure. */
interface Progress extends RunProgress {
  receiver?: Receiver;
  request?: ReceiverRequest;
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
  if (!receiver.methods.includes(webhook.method)) {
    const shaken = answerUnsigned(receiver, bare(webhook), keys);
    if (shaken) return await acknowledge(shaken, options);
  }
  const body = await webhook.readBody(settings.maxBytes);
  progress.receiver = receiver;
  const { id, method, url, rawHeaders } = webhook;
  const wire = { method, url, rawHeaders, body };
  const early = shakeBeforeProof(receiver, id, wire, keys, options.setups);
  const shaken = early instanceof Promise ? await early : early;
  if (shaken) return await acknowledge(shaken, options);
  const signed = signedRequest(receiver, wire, settings.maxBytes);
  const request = signed instanceof Promise ? await signed : signed;
  progress.request = request;
  const proving = prove(receiver, request, keys, settings.toleranceSeconds, options);
  const proof = proving instanceof Promise ? await proving : proving;
  const reading = readDelivery(receiver, request, body, settings, keys);
  const read = reading instanceof Promise ? await reading : reading;
  const answered = answerSigned(receiver, read, keys, proof.secretIndex);
  if (answered) return await acknowledge(answered, options);
  if (!receiver.methods.includes(method)) throw new RequestError("handshake_malformed");
  const delivery = deliveryOf(receiver, id, body, read, proof, options);
  const response = await deliver(receiver, delivery, read, settings, progress, options);
  return answerOf(receiver.shapeAnswer ? receiver.shapeAnswer(response, request) : response);
}

function bare({ method, url, rawHeaders }: IncomingWebhook): ReceiverRequest {
  return new ReceiverRequest({ method, url, rawHeaders });
}

async function acknowledge(answer: HandshakeAnswer, options: ReceiveOptions): Promise<Answer> {
  await confirm(answer, options.confirm);
  options.counters.add("handshakes");
  return answerOf(answer);
}

function deliveryOf(receiver: Receiver, id: string, wire: Buffer, read: ReadDelivery, proof: HeldProof, options: ReceiveOptions): Delivery {
  const events = readSource(receiver.events, read);
  if (events.length === 0 && receiver.eventRequired) throw new RequestError("event_missing");
  const deliveryId = deliveryIdOf(receiver, read);
  const facts = {
    id,
    events,
    deliveryId,
    receivedAt: options.clock.now(),
    rawBody: wire,
    secretIndex: proof.secretIndex,
    bodyBound: proof.bodyBound ?? receiver.verify.bodyBound,
    hasUnsafeIntegers: read.hasUnsafeIntegers,
  };
  return new ReceivedDelivery(facts, receiver, read);
}

async function deliver(
  receiver: Receiver,
  delivery: Delivery,
  read: VerifiedRequest,
  settings: ReceiverSettings,
  progress: Progress,
  options: ReceiveOptions,
): Promise<WebhookResponse> {
  const usual = (): DefaultAnswer => (typeof receiver.respond === "function" ? receiver.respond(read) : receiver.respond);
  const plan = options.planOf(delivery.receiver, delivery.id, delivery.events);
  progress.delivery = delivery;
  if (plan.steps.length === 0) {
    options.counters.add("ignored");
    logDebug(progress, "ignored: no handler for it", options);
    return usual();
  }
  const key = identityOf(receiver, delivery, plan, settings);
  const { deduplicator } = options;
  const run = key === undefined ? deduplicator.unremembered() : await deduplicator.claim(delivery, key, plan);
  const response = run && (await runAndRecord(run, plan, delivery, receiver, key, progress, options));
  if (!response) {
    options.counters.add("duplicates");
    options.logger.info(fieldsOf(progress), "duplicate: handled before");
    return usual();
  }
  options.counters.add("handled");
  logDebug(progress, "handled", options);
  warnIfSlow(receiver, delivery, progress, options);
  return response === "usual" ? usual() : response;
}

/** Runs the handlers, then stores what they left to be done; undefined if another copy turns out to have been first. */
async function runAndRecord(
  run: DeliveryRun,
  plan: Plan,
  delivery: Delivery,
  receiver: Receiver,
  key: string | undefined,
  progress: Progress,
  options: ReceiveOptions,
): Promise<WebhookResponse | "usual" | undefined> {
  try {
    const { response, jobs } = await options.run(plan, delivery, receiver, key, progress);
    // Only what was taken on is remembered: a provider that is told to come again, or to go away, may ask again.
    const isTakenOn = response === undefined || response.status < 400;
    if (!isTakenOn) {
      if (jobs.length > 0) await options.deduplicator.unremembered().accept(jobs);
      await run.release();
    } else if (jobs.length === 0) {
      run.complete();
    } else if (!(await run.accept(jobs))) {
      return undefined;
    }
    return response ?? "usual";
  } catch (error) {
    await run.release();
    throw error;
  }
}

/** A provider that has given up waiting delivers again, whatever the answer is. */
function warnIfSlow(
  { timeLimitMs, title }: Receiver,
  { receivedAt }: Delivery,
  progress: Progress,
  { clock, logger }: ReceiveOptions,
): void {
  if (timeLimitMs === undefined) return;
  const tookMs = clock.now().getTime() - receivedAt.getTime();
  if (tookMs <= timeLimitMs) return;
  logger.warn({ ...fieldsOf(progress), tookMs, timeLimitMs }, `${title} does not wait this long for an answer; queue the slow work`);
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

/** Names that a stranger or a provider chose, as a log may carry them. */
function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
