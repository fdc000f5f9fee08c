import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Render: Standard Webhooks. The event is the body's `type`; the body only names what it is about. */
export const render = defineReceiver({
  name: "render",
  title: "Render",
  docs: "https://render.com/docs/webhooks",
  category: "cloud and infrastructure",
  confirmed: "verifier",
  setup: "In the dashboard, Integrations, Webhooks, create a webhook with the URL; its signing secret is on its page.",
  secretName: "the webhook's signing secret, `whsec_…`",
  eventNames: "The body's `type`, such as `deploy_ended` or `server_failed`.",
  notes: ["The body is thin: ask Render's API for the details of `data.id`."],
  verify: standardWebhooks(),
  events: { body: "type" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
});
