import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Ramp: HMAC-SHA256 of the body in `X-Ramp-Signature`, or in the header's older name. The event is the body's `type`. */
export const ramp = defineReceiver({
  name: "ramp",
  title: "Ramp",
  docs: "https://docs.ramp.com/developer-api/v1/webhooks",
  category: "payments and billing",
  confirmed: "documented",
  setup: "Create the webhook with `POST /developer/v1/webhooks`; the answer holds its secret.",
  secretName: "the webhook's secret",
  eventNames: "The body's `type`, such as `transactions.cleared`.",
  notes: [
    "The secret is used as text and the signature read as hexadecimal; Ramp's pages do not say the encoding everywhere.",
    "Ramp activates a webhook only after its `challenge` has been sent back to `POST /developer/v1/webhooks/<id>/verify`. Whether the request that brings it is signed is not documented: signed, it reaches the handlers like any event; unsigned, it is refused.",
    "Any 3xx or 4xx answer but 429 ends the delivery without a retry.",
  ],
  verify: hmac({ header: ["X-Ramp-Signature", "X-Ramp-Webhook-Signature"] }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { body: "business_id" },
  safeHeaders: ["X-Ramp-Webhook-ID"],
  timeLimitMs: 10_000,
});
