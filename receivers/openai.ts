import { base64OrTextSecret, defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** OpenAI: Standard Webhooks, with the secret read as OpenAI's own packages read it. The event is the body's `type`. */
export const openai = defineReceiver({
  name: "openai",
  title: "OpenAI",
  docs: "https://platform.openai.com/docs/guides/webhooks",
  category: "AI",
  confirmed: ["library", "vector"],
  setup: "In the project's settings, Webhooks, create an endpoint with the URL; its signing secret is shown once.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `type`, such as `response.completed` or `batch.failed`.",
  notes: ["A secret without `whsec_` is text to OpenAI's packages, and so it is here: do not cut the prefix off."],
  verify: standardWebhooks({ secret: base64OrTextSecret("whsec_") }),
  events: { body: "type" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "created_at" }, unit: "seconds" },
});
