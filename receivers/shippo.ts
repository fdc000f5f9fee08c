import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Shippo: HMAC-SHA256 of time and body in `Shippo-Auth-Signature`, once it is switched on. The event is the body's `event`. */
export const shippo = defineReceiver({
  name: "shippo",
  title: "Shippo",
  docs: "https://docs.goshippo.com/docs/tracking/webhooksecurity/",
  category: "commerce",
  confirmed: "verifier",
  setup: "Add the URL on the API page of the portal and ask Shippo to sign with HMAC; it hands over the secret.",
  secretName: "the secret that Shippo hands over for HMAC",
  eventNames: "The body's `event`, such as `track_updated` or `transaction_created`.",
  notes: [
    "Without HMAC, which is to be asked for, Shippo proves nothing but what stands in the URL; such requests are refused.",
    "A delivery has no id, so a redelivery is not recognized.",
  ],
  verify: hmac({
    header: "Shippo-Auth-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "event" },
});
