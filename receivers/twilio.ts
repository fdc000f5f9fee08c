import { createHash } from "node:crypto";
import {
  type DefaultAnswer,
  defineReceiver,
  escapeXml,
  failed,
  hmac,
  payloadTypes,
  type ReceiverRequest,
  type SignedAlternatives,
  textAt,
  type VerifiedRequest,
} from "../src/receiver/index.ts";

/**
 * Twilio: HMAC-SHA1 with the auth token over the URL and, for a form, its sorted parameters. Any other body is bound by
 * the SHA-256 in the URL's `bodySHA256`. The event is `EventType`, else `SmsStatus` or `MessageStatus`, else
 * `CallStatus`, else `request`. Without a handler's response the answer is empty TwiML.
 */
export const twilio = defineReceiver({
  name: "twilio",
  title: "Twilio",
  docs: "https://www.twilio.com/docs/usage/webhooks/webhooks-security",
  category: "messaging and voice",
  confirmed: ["library", "vector"],
  setup: "Enter the URL at the number, messaging service or other product; the auth token stands on the Console's front page.",
  secretName: "the account's auth token, the primary and while it is rotated the secondary",
  eventNames: "`EventType`, else the status of the message or call, such as `delivered` or `ringing`, else `request`.",
  notes: [
    "The URL is signed, so `publicUrl` has to be set.",
    "Neither a time nor the header `I-Twilio-Idempotency-Token`, which is the delivery id, is signed: a recorded request can be sent again.",
    'A handler answers in TwiML with `twiml(…)`, such as `twiml(twimlMessage("Thanks"))`.',
  ],
  verify: hmac({
    header: "X-Twilio-Signature",
    hash: "sha1",
    encoding: "base64",
    signed: { coversBody: true, coversUrl: true, read: signedTexts, urlToSign: withBodyHash },
  }),
  methods: ["POST", "GET"],
  body: { kinds: ["form", "json"] },
  events: ({ data }) => textAt(data, "EventType", "SmsStatus", "MessageStatus", "CallStatus") ?? "request",
  deliveryId: deliveryIdOf,
  account: { body: "AccountSid" },
  safeHeaders: ["I-Twilio-Idempotency-Token"],
  respond: twiml(),
  timeLimitMs: 15_000,
  payloads: payloadTypes<{ "*": TwilioRequest }>(),
  sample: (event, deliveryId) => ({
    headers: { "I-Twilio-Idempotency-Token": deliveryId },
    ...(event === undefined ? {} : { body: { EventType: event } }),
  }),
});

/** Twilio repeats the id of a message or call with every status; a call may even repeat a status, hence its sequence number. */
function deliveryIdOf({ request, data }: VerifiedRequest): string | undefined {
  const token = request.headers.get("I-Twilio-Idempotency-Token");
  if (token) return token;
  const message = [textAt(data, "MessageSid", "SmsSid"), textAt(data, "MessageStatus", "SmsStatus")];
  const call = [textAt(data, "CallSid"), textAt(data, "CallStatus"), textAt(data, "SequenceNumber")];
  return [message, call].find((parts) => !parts.includes(undefined))?.join(":");
}

/** What the signature covers. As in Twilio's own library, `bodySHA256` decides, whatever the body is. */
function signedTexts(request: ReceiverRequest): SignedAlternatives {
  const hashes = request.query.getAll("bodySHA256");
  if (hashes.length > 0) {
    const matches = hashes.length === 1 && hashes[0]?.toLowerCase() === sha256(request.body);
    return matches ? overUrl(request.url, "") : failed("body_hash_mismatch", "`bodySHA256` in the URL is not the hash of the body.");
  }
  if (request.body.length === 0) return overUrl(request.url, "");
  if (!isSignedForm(request))
    return failed("signed_part_missing", "The URL has no `bodySHA256`, so the signature says nothing about the body.");
  const fields = request.body.toString("utf8");
  if (fields.split("&", maxFields + 1).length > maxFields)
    return failed("verification_failed", `The form has more than ${maxFields} fields.`);
  return overUrl(request.url, sortedFields(fields));
}

/** The URL as Twilio calls it: with the hash of a body that is no form. */
function withBodyHash(request: ReceiverRequest): string {
  if (request.body.length === 0 || isSignedForm(request) || request.query.has("bodySHA256")) return request.url;
  return `${request.url}${request.url.includes("?") ? "&" : "?"}bodySHA256=${sha256(request.body)}`;
}

function isSignedForm(request: ReceiverRequest): boolean {
  const [type = "", ...more] = request.headers.all("content-type");
  return request.method === "POST" && more.length === 0 && /^\s*(application\/x-www-form-urlencoded\s*)?(;|$)/i.test(type);
}

/** Names in order, each with its values in order, without repeats: what Twilio signs of a form. */
function sortedFields(form: string): string {
  const fields = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(form)) fields.set(name, (fields.get(name) ?? new Set()).add(value));
  const names = [...fields.keys()].sort();
  return names.flatMap((name) => [...(fields.get(name) ?? [])].sort().map((value) => name + value)).join("");
}

/** The URL as called, and with its port left out or the default one added, since Twilio signs either. */
function overUrl(url: string, fields: string): SignedAlternatives {
  const [, origin, port, rest] = /^(https?:\/\/(?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*))(:\d+)?(.*)$/is.exec(url) ?? [];
  if (origin === undefined) return { alternatives: [[url, fields]] };
  const other = port === undefined ? `${origin}:${/^https/i.test(origin) ? 443 : 80}${rest}` : `${origin}${rest}`;
  return {
    alternatives: [
      [url, fields],
      [other, fields],
    ],
  };
}

function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

/** Far more than Twilio sends; sorting is work that a stranger can cause. */
const maxFields = 1_000;

/** The fields of a request; which there are depends on the product. One that occurs more than once has a list. */
export interface TwilioRequest {
  readonly AccountSid?: string;
  readonly MessageSid?: string;
  readonly MessageStatus?: string;
  readonly CallSid?: string;
  readonly CallStatus?: string;
  readonly From?: string;
  readonly To?: string;
  readonly Body?: string;
  readonly Digits?: string;
  readonly [field: string]: unknown;
}

/** An element of TwiML: its name, its attributes, and texts or elements in it. */
export interface TwimlVerb {
  readonly name: string;
  readonly attributes?: TwimlAttributes;
  readonly children?: readonly (TwimlVerb | string)[];
}

/** Attributes by name; undefined ones are left out. */
export type TwimlAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Answers with verbs that are carried out one after another; without any, with nothing to do.
 *
 * @example context.response = twiml(twimlSay("Good bye", { language: "en-GB" }), twimlVerb("Hangup"));
 */
export function twiml(...verbs: readonly TwimlVerb[]): DefaultAnswer {
  const response = writeElement({ name: "Response", children: verbs });
  return {
    status: 200,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: `<?xml version="1.0" encoding="UTF-8"?>${response}`,
  };
}

/** Any verb or noun: `twimlVerb("Gather", { numDigits: 1 }, twimlSay("Press a key"))`. Texts are escaped. */
export function twimlVerb(name: string, attributes: TwimlAttributes = {}, ...children: readonly (TwimlVerb | string)[]): TwimlVerb {
  return { name, attributes, children };
}

/** Sends a message back. Pictures are `twimlVerb("Media", {}, url)` behind the text. */
export function twimlMessage(text: string, attributes: TwimlAttributes = {}, ...media: readonly TwimlVerb[]): TwimlVerb {
  return media.length === 0
    ? twimlVerb("Message", attributes, text)
    : twimlVerb("Message", attributes, twimlVerb("Body", {}, text), ...media);
}

/** Reads a text to the caller. */
export function twimlSay(text: string, attributes: TwimlAttributes = {}): TwimlVerb {
  return twimlVerb("Say", attributes, text);
}

/** Goes on with the TwiML at another URL. */
export function twimlRedirect(url: string, attributes: TwimlAttributes = {}): TwimlVerb {
  return twimlVerb("Redirect", attributes, url);
}

/** Refuses a call, as busy or as not in service. Only as the first verb. */
export function twimlReject(reason: "rejected" | "busy" = "rejected"): TwimlVerb {
  return twimlVerb("Reject", { reason });
}

function writeElement({ name, attributes = {}, children = [] }: TwimlVerb): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : ` ${checkedName(key)}="${escapeXml(String(value))}"`,
  );
  const content = children.map((child) => (typeof child === "string" ? escapeXml(child) : writeElement(child))).join("");
  const start = `${checkedName(name)}${written.join("")}`;
  return content === "" ? `<${start}/>` : `<${start}>${content}</${name}>`;
}

/** A name is written as it is, so it must be one. */
function checkedName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.:-]*$/.test(name)) throw new TypeError("twiml: a verb or attribute has a name that XML does not allow.");
  return name;
}
