import { defineReceiver, jwt, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Vonage: a token as `Authorization: Bearer`, with a hash of the body. The event is the body's `status`, or else `event` or
 * `type`; a message that came in is `inbound` with its `message_type`.
 */
export const vonage = defineReceiver({
  name: "vonage",
  title: "Vonage",
  docs: "https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks",
  category: "messaging and voice",
  confirmed: "library",
  setup:
    "Enter this URL in the application's capabilities, with POST and signed webhooks; the signature secret is in the dashboard's API settings.",
  secretName: "the account's signature secret, of the method SHA-256",
  eventNames: "`status`, such as `delivered` or `answered`; for a message that came in, such as `inbound.text`.",
  notes: [
    "Webhooks by GET are not taken: their token does not cover the query. The old `sig` parameter of the SMS API is refused.",
    "A delivery that Vonage fails to sign is refused with 401. Vonage repeats a delivery only after an answer of 5xx, so it is lost.",
    "Calls repeat their `uuid` with every status, so only messages have a delivery id.",
  ],
  verify: jwt({
    header: "Authorization",
    prefix: "Bearer ",
    algorithms: ["HS256"],
    key: "secret",
    issuer: "Vonage",
    maxAgeSeconds: 300,
    bodyHash: { claim: "payload_hash" },
  }),
  events: {
    firstOf: [{ body: "status" }, { body: "event" }, { body: "type" }, { joined: [{ value: "inbound" }, { body: "message_type" }] }],
  },
  deliveryId: deliveryIdOf,
  account: { body: "application_id" },
  sample: (_event, deliveryId) => ({ body: { message_uuid: deliveryId } }),
});

/** A message comes once; each of its states comes under the message's id. */
function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const [message] = valuesAt(data, "message_uuid");
  const [status] = valuesAt(data, "status");
  if (typeof message !== "string" || message === "") return undefined;
  return typeof status === "string" ? `${message}:${status}` : message;
}
