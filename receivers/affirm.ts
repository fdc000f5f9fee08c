import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Affirm: HMAC-SHA512 of time and body in `X-Affirm-Signature`. Checkout events are forms, prequalification events JSON. */
export const affirm = defineReceiver({
  name: "affirm",
  title: "Affirm",
  docs: "https://docs.affirm.com/developers/v1.1-developer-reference/docs/about-webhooks",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Affirm's support sets up the URL for Key and Enterprise merchants and hands over the secret.",
  secretName: "the webhook's shared secret",
  eventNames: "`event`, `event_type` or `type` of the body, such as `opened`, `approved` or `confirmed`.",
  notes: [
    "Where the event's name stands is not confirmed, so a delivery without one is taken too. A delivery has no documented id.",
    "One description speaks of a signature in base64; the independent verifier reads hexadecimal digits, and so does this receiver.",
    "Affirm does not send a failed delivery again.",
  ],
  verify: hmac({
    header: "X-Affirm-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v0" },
    hash: "sha512",
    signed: "{timestamp}.{body}",
  }),
  body: { kinds: ["form", "json"] },
  events: { firstOf: [{ body: "event" }, { body: "event_type" }, { body: "type" }] },
  eventRequired: false,
});
