import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Razorpay: HMAC-SHA256 of the body in `X-Razorpay-Signature`. The event is the body's `event`, such as `payment.captured`. */
export const razorpay = defineReceiver({
  name: "razorpay",
  title: "Razorpay",
  docs: "https://razorpay.com/docs/webhooks/validate-test/",
  category: "payments and billing",
  confirmed: "library",
  setup: "Under Account & Settings, Webhooks, add the URL and enter a secret, which is not the API key's.",
  secretName: "the webhook's secret",
  eventNames: "The body's `event`, such as `payment.captured` or `order.paid`.",
  notes: [
    "`x-razorpay-event-id` is the same on a redelivery, and is not signed.",
    "After a change of the secret, Razorpay repeats older events with the old one: keep both until a day has passed.",
  ],
  verify: hmac({ header: "X-Razorpay-Signature" }),
  events: { body: "event" },
  deliveryId: { header: "x-razorpay-event-id" },
  sentAt: { from: { body: "created_at" }, unit: "seconds" },
  account: { body: "account_id" },
  timeLimitMs: 5_000,
});
