import {
  answerWhen,
  defineReceiver,
  echo,
  failed,
  hmac,
  type LocalScheme,
  ReceiverRequest,
  rawHeadersOf,
  unverifiedData,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

const received = "Hello API Event Received";

/**
 * Dropbox Sign: HMAC-SHA256 of the event's time and type in `event.event_hash` of the form field `json`. Nothing else is signed.
 * The event is `event.event_type`. The answer is a fixed text, without which Dropbox Sign tries again.
 */
export const dropboxSign = defineReceiver({
  name: "dropbox-sign",
  aliases: ["hellosign"],
  title: "Dropbox Sign",
  docs: "https://developers.hellosign.com/docs/events/walkthrough/",
  category: "content, forms, signing, files",
  confirmed: ["library", "vector"],
  setup: "Enter the URL as account callback under Settings, API, or as event callback of an API app.",
  secretName: "the API key of the account that owns the callback",
  eventNames: "`event.event_type`, such as `signature_request_signed` or `template_created`.",
  notes: [
    "Only time and type are signed: fetch the signature request before anything is done.",
    "The signed time is not checked, since a retry carries the old one.",
    "Two events of a type in one second have the same hash; ids of request and signer, which are not signed, tell them apart.",
    "A handler that answers for itself must answer 200 with the text `Hello API Event Received`.",
  ],
  verify: signedEvent(),
  body: { kinds: ["multipart", "form", "json"], jsonField: "json" },
  events: { body: "event.event_type" },
  deliveryId: deliveryIdOf,
  sentAt: { from: { body: "event.event_time" }, unit: "seconds" },
  account: { firstOf: [{ body: "event.event_metadata.reported_for_account_id" }, { body: "account_guid" }] },
  handshakes: [answerWhen("event.event_type", "callback_test", () => echo(received))],
  respond: { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: received },
  sample: (_event, id) => ({ body: { signature_request: { signature_request_id: id } } }),
});

/** The hash tells no two events of a type in one second apart: the object that an event is about must be named as well. */
function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const textsAt = (...paths: readonly string[]): readonly unknown[] =>
    paths.flatMap((path) => valuesAt(data, path)).filter((value) => typeof value === "string" && value !== "");
  const [object] = textsAt("signature_request.signature_request_id", "template.template_id");
  if (object === undefined) return undefined;
  return [...textsAt("event.event_hash"), object, ...textsAt("event.event_metadata.related_signature_id")].join(".");
}

/** The hash stands in JSON that stands in a form: the scheme is asked about that JSON. */
function signedEvent(): LocalScheme<Buffer> {
  const event = hmac({ from: { body: "event.event_hash" }, signed: "{field:event.event_time}{field:event.event_type}" });
  return {
    ...event,
    verify(request, keys, context) {
      const json = jsonOf(request);
      if (json === undefined) return failed("signature_missing", "The form has no one field json.");
      return event.verify(json, keys, context);
    },
    sign(request, secret, context) {
      const json = jsonOf(request);
      const signed = json && event.sign?.(json, secret, context).body;
      if (!signed) throw new TypeError("sign: expected JSON, or a form with the field json.");
      if (json === request) return { headers: {}, body: signed };
      const form = new URLSearchParams({ json: signed.toString("utf8") }).toString();
      const parts = request.body.toString("utf8").replace(json.body.toString("utf8"), () => signed.toString("utf8"));
      return { headers: {}, body: Buffer.from(isMultipart(request) ? parts : form) };
    },
  };
}

function isMultipart({ headers }: ReceiverRequest): boolean {
  return /^\s*multipart\//i.test(headers.get("content-type") ?? "");
}

/** The request as if its field `json` were its body. */
function jsonOf(request: ReceiverRequest): ReceiverRequest | undefined {
  if (/^\s*(?:application|text)\/(?:[^;\s]+\+)?json\s*(?:;|$)/i.test(request.headers.get("content-type") ?? "")) return request;
  const [text, ...more] = valuesAt(unverifiedData(request), "json");
  if (typeof text !== "string" || more.length > 0) return undefined;
  const rawHeaders = rawHeadersOf({ "content-type": "application/json" });
  return new ReceiverRequest({ method: request.method, url: request.url, rawHeaders, body: Buffer.from(text, "utf8") });
}
