import { basic, defineReceiver } from "../src/receiver/index.ts";

/** Chargebee: basic credentials of the webhook. The event is the body's `event_type`, such as `subscription_created`. */
export const chargebee = defineReceiver({
  name: "chargebee",
  title: "Chargebee",
  docs: "https://www.chargebee.com/docs/webhook_settings.html",
  category: "payments and billing",
  confirmed: ["library", "verifier"],
  setup: "Under Settings, Configure Chargebee, Webhooks add the URL and protect it with basic authentication.",
  secretName: "user and password as `user:password`",
  eventNames: "The body's `event_type`: `subscription_created`, `payment_succeeded`, `invoice_generated`.",
  notes: [
    "The credentials prove nothing of the body: fetch the event by its id through the API before you give value.",
    "Deliveries may be repeated and out of order; `resource_version` in the content tells the newer. The key in the URL is not taken.",
  ],
  verify: basic(),
  events: { body: "event_type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "occurred_at" }, unit: "seconds" },
});
