import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Google Gemini, static webhooks: Standard Webhooks. The event is the body's `type`. */
export const gemini = defineReceiver({
  name: "gemini",
  title: "Google Gemini",
  docs: "https://ai.google.dev/gemini-api/docs/webhooks",
  category: "AI",
  confirmed: "verifier",
  setup: "Create a webhook with the URL with the Gemini API; `new_signing_secret` of the answer, shown once, is the secret.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `type`, such as `batch.succeeded` or `video.generated`.",
  notes: ["Dynamic webhooks, whose URL is given with a job, are signed with a JWT instead and are refused."],
  verify: standardWebhooks(),
  events: { body: "type" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
});
