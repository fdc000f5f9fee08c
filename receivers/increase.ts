import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Increase: Standard Webhooks. The event is the body's `category`; the body only names what it is about. */
export const increase = defineReceiver({
  name: "increase",
  title: "Increase",
  docs: "https://increase.com/documentation/webhooks",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Create an event subscription with the URL in the dashboard, Developers, Webhooks, or with the API; its shared secret signs.",
  secretName: "the subscription's shared secret, base64",
  eventNames: "The body's `category`, such as `transaction.created`; its `type` is always `event`.",
  notes: [
    "The secret is read as base64. If you choose it yourself, choose base64 of at least 24 random bytes.",
    "The older header `Increase-Webhook-Signature` alone is refused.",
  ],
  verify: standardWebhooks(),
  events: { body: "category" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
});
