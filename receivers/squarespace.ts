import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Squarespace: HMAC-SHA256 of the body in `Squarespace-Signature`. The secret is hexadecimal. The event is the body's `topic`. */
export const squarespace = defineReceiver({
  name: "squarespace",
  title: "Squarespace",
  docs: "https://developers.squarespace.com/webhooks/overview",
  category: "commerce",
  confirmed: "verifier",
  setup: "Create a webhook subscription by the Webhook Subscriptions API; the answer holds its secret, as does that of rotating it.",
  secretName: "the subscription's secret, in hexadecimal as it was given",
  eventNames: "The body's `topic`, such as `order.create`.",
  notes: ["No time is signed; leave deduplication on."],
  verify: hmac({ header: "Squarespace-Signature", key: "hex" }),
  events: { body: "topic" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "createdOn" }, unit: "iso" },
  account: { body: "websiteId" },
});
