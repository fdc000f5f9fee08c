import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Fathom: Standard Webhooks. There is one event, and the body, a meeting, does not name it. */
export const fathom = defineReceiver({
  name: "fathom",
  title: "Fathom",
  docs: "https://developers.fathom.ai/webhooks",
  category: "AI",
  confirmed: "documented",
  setup: "In the user settings, API Access, Manage, add a webhook with the URL, or create it with the API; its secret is shown once.",
  secretName: "the webhook's secret, `whsec_…`",
  eventNames: "Always `new-meeting-content-ready`.",
  verify: standardWebhooks(),
  events: { value: "new-meeting-content-ready" },
  deliveryId: { header: "webhook-id" },
});
