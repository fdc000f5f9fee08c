import { createHash } from "node:crypto";
import {
  defineReceiver,
  failed,
  hmac,
  type ReceiverRequest,
  type SignedAlternatives,
  type VerifiedRequest,
  valuesAt,
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
  verify: hmac({
    header: "X-Twilio-Signature",
    hash: "sha1",
    encoding: "base64",
    signed: { coversBody: true, coversUrl: true, read: signedTexts, urlToSign: withBodyHash },
  }),
  methods: ["POST", "GET"],
  body: { kinds: ["form", "json"] },
  events: ({ data }) => firstText(data, ["EventType", "SmsStatus", "MessageStatus", "CallStatus"]) ?? "request",
  deliveryId: deliveryIdOf,
  safeHeaders: ["I-Twilio-Idempotency-Token"],
  respond: {
    status: 200,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
  },
  sample: (event, deliveryId) => ({
    headers: { "I-Twilio-Idempotency-Token": deliveryId },
    ...(event === undefined ? {} : { body: { EventType: event } }),
  }),
});

/** Twilio repeats the id of a message or call with every status; a call may even repeat a status, hence its sequence number. */
function deliveryIdOf({ request, data }: VerifiedRequest): string | undefined {
  const token = request.headers.get("I-Twilio-Idempotency-Token");
  if (token) return token;
  const message = [firstText(data, ["MessageSid", "SmsSid"]), firstText(data, ["MessageStatus", "SmsStatus"])];
  const call = [firstText(data, ["CallSid"]), firstText(data, ["CallStatus"]), firstText(data, ["SequenceNumber"])];
  return [message, call].find((parts) => !parts.includes(undefined))?.join(":");
}

function firstText(data: unknown, names: readonly string[]): string | undefined {
  return names.flatMap((name) => valuesAt(data, name)).find((value): value is string => typeof value === "string" && value !== "");
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
