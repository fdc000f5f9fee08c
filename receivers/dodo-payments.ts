import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Dodo Payments: Standard Webhooks. The event is the body's `type`. */
export const dodoPayments = defineReceiver({
  name: "dodo-payments",
  title: "Dodo Payments",
  docs: "https://docs.dodopayments.com/developer-resources/webhooks",
  category: "payments and billing",
  confirmed: "library",
  setup: "In the dashboard, Developer, Webhooks, add an endpoint with the URL; its secret key is on its page.",
  secretName: "the endpoint's secret key, `whsec_…`",
  eventNames: "The body's `type`, such as `payment.succeeded` or `subscription.renewed`.",
  notes: ["`data` is as of the attempt, not as of the event: a redelivery may tell a later state."],
  verify: standardWebhooks(),
  events: { body: "type" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  account: { body: "business_id" },
  timeLimitMs: 15_000,
});
