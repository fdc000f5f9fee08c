import {
  defineReceiver,
  failed,
  fixedAnswer,
  type HandshakeOutcome,
  hmac,
  type ReceiverRequest,
  type SignedAlternatives,
  unsignedAnswer,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Mailchimp Transactional (Mandrill): HMAC-SHA1 of the URL as registered and the form's sorted fields. The field `mandrill_events` holds
 * a list of events as JSON, which is the data. The HEAD that checks the URL, or else a POST without events, is answered unsigned.
 */
export const mandrill = defineReceiver({
  name: "mandrill",
  title: "Mailchimp Transactional (Mandrill)",
  docs: "https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "Add the URL under Settings, Webhooks, or as an inbound route; the key stands beside it in the list.",
  secretName: "the webhook's key",
  eventNames: "`event` of each item, such as `send`, `open` or `inbound`; `type` of changes to the lists: `blacklist`, `whitelist`.",
  notes: [
    "The URL is signed exactly as it was entered, so `publicUrl` has to give the same.",
    "No time and no delivery id is signed; an event is named by its `_id`, `event` and `ts` together.",
    "A POST with an empty list, which Mandrill signs with the public key `test-webhook`, is answered and reaches no handler.",
  ],
  verify: hmac({
    header: "X-Mandrill-Signature",
    hash: "sha1",
    encoding: "base64",
    signed: { coversBody: true, coversUrl: true, read: signedText },
  }),
  body: { kinds: ["form"], jsonField: "mandrill_events" },
  events: { firstOf: [{ body: "*.event" }, { body: "*.type" }] },
  handshakes: [unsignedAnswer("HEAD"), { proof: "none", method: "POST", answer: emptyListAnswer }],
});

/** Names in order, each with its value; as `mandrill_events` is the one field that is sent, repeated names have no known order. */
function signedText({ url, body }: ReceiverRequest): SignedAlternatives {
  const text = body.toString("utf8");
  const fields = text.split("&", maxFields + 1).length > maxFields ? [] : [...new URLSearchParams(text)];
  if (fields.length === 0 || new Set(fields.map(([name]) => name)).size < fields.length)
    return failed("verification_failed", `The form has no field, one of them twice, or more than ${maxFields}.`);
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return { alternatives: [[url, ...sorted.flat()]] };
}

function emptyListAnswer(request: ReceiverRequest): HandshakeOutcome {
  if (request.body.length > maxEmptyList) return undefined;
  return valuesAt(unverifiedData(request), "mandrill_events")[0] === "[]" ? fixedAnswer(200) : undefined;
}

const maxFields = 100;
const maxEmptyList = 100;
