import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Stripe: HMAC-SHA256 of time and body in `Stripe-Signature`. The secret `whsec_…` is the key as it stands, not decoded. */
export const stripe = defineReceiver({
  name: "stripe",
  title: "Stripe",
  docs: "https://docs.stripe.com/webhooks/signature",
  verify: hmac({
    header: "Stripe-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
});
