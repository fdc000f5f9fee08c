import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** SafetyKit: Standard Webhooks. The event is the body's `event_type`, or `type` for results of the Data API. */
export const safetykit = defineReceiver({
  name: "safetykit",
  title: "SafetyKit",
  docs: "https://docs.safetykit.com/webhooks/event-types",
  category: "AI",
  confirmed: "documented",
  setup: "In the dashboard add a webhook endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `event_type` or `type`, such as `decision.completed` or `workflow.succeeded`.",
  verify: standardWebhooks(),
  events: { firstOf: [{ body: "event_type" }, { body: "type" }] },
  deliveryId: { header: "webhook-id" },
});
