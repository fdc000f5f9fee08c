import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Lithic: Standard Webhooks. The event is the body's `event_type`. */
export const lithic = defineReceiver({
  name: "lithic",
  title: "Lithic",
  docs: "https://docs.lithic.com/docs/events-api",
  category: "payments and billing",
  confirmed: "library",
  setup:
    "Create an event subscription with the URL in the dashboard or with `POST /v1/event_subscriptions`; its secret is under `/v1/event_subscriptions/{token}/secret`.",
  secretName: "the subscription's secret, `whsec_…`",
  eventNames: "The body's `event_type`, such as `card.created` or `card_transaction.updated`.",
  notes: [
    "Auth Stream Access is signed in the same way with a secret of its own: configure it under another id, and answer it with a handler, since Lithic waits for the decision.",
  ],
  verify: standardWebhooks(),
  events: { body: "event_type" },
  deliveryId: { header: "webhook-id" },
});
