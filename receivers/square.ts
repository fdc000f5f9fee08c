import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Square: HMAC-SHA256 of the notification URL and the body behind it, base64. The event is the body's `type`. */
export const square = defineReceiver({
  name: "square",
  title: "Square",
  docs: "https://developer.squareup.com/docs/webhooks/step3validate",
  category: "payments and billing",
  confirmed: ["library", "vector"],
  setup: "Add a subscription under Webhooks of the app in the developer console; its signature key is shown with it.",
  secretName: "the subscription's signature key",
  eventNames: "The body's `type`, such as `payment.updated`.",
  notes: [
    "The URL is signed exactly as it was entered at Square, so `publicUrl` has to give the same.",
    "No time is signed: a replay is recognized by the delivery id alone.",
  ],
  verify: hmac({ header: "x-square-hmacsha256-signature", encoding: "base64", signed: "{url}{body}" }),
  events: { body: "type" },
  deliveryId: { body: "event_id" },
  retryNumber: { header: "square-retry-number" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { body: "merchant_id" },
  safeHeaders: ["square-retry-reason", "square-initial-delivery-timestamp", "square-environment"],
  timeLimitMs: 10_000,
});
