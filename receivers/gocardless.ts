import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * GoCardless: HMAC-SHA256 of the body in `Webhook-Signature`. A delivery carries a list of events, each named by resource
 * and action, such as `payments.confirmed`. A wrong signature is answered 498.
 */
export const gocardless = defineReceiver({
  name: "gocardless",
  title: "GoCardless",
  docs: "https://developer.gocardless.com/api-reference/#appendix-webhooks",
  category: "payments and billing",
  confirmed: "library",
  setup: "Under Developers, create a webhook endpoint with the URL; its secret is shown there.",
  secretName: "the webhook endpoint's secret",
  eventNames: "Resource type and action with a dot between them: `payments.confirmed`, `mandates.cancelled`.",
  notes: [
    "The events of one delivery may concern different resources, and may come out of order.",
    "The delivery is named by `meta.webhook_id`.",
  ],
  verify: hmac({ header: "Webhook-Signature" }),
  events: { each: "events.*", joined: ["resource_type", "action"] },
  deliveryId: { body: "meta.webhook_id" },
  respond: { status: 204 },
  refusal: { status: 498 },
});
