import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Replicate: Standard Webhooks. The body is the prediction, and the event is its `status`. */
export const replicate = defineReceiver({
  name: "replicate",
  title: "Replicate",
  docs: "https://replicate.com/docs/topics/webhooks/verify-webhook",
  category: "AI",
  confirmed: "library",
  setup: "Name the URL as `webhook` when you create a prediction; `GET /v1/webhooks/default/secret` gives the account's secret.",
  secretName: "the account's webhook signing key, `whsec_…`",
  eventNames: "The body's `status`: `starting`, `processing`, `succeeded`, `failed` or `canceled`.",
  notes: [
    "The same prediction may be told of several times with the same status, with new output or logs.",
    "Only the last delivery of a prediction is retried.",
  ],
  verify: standardWebhooks(),
  events: { body: "status" },
  deliveryId: { header: "webhook-id" },
});
