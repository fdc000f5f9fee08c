import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Modern Treasury: HMAC-SHA256 of the body in `X-Signature`. The event is `X-Topic` and the body's `event`: `payment_order.created`. */
export const modernTreasury = defineReceiver({
  name: "modern-treasury",
  title: "Modern Treasury",
  docs: "https://docs.moderntreasury.com/platform/reference/webhooks",
  category: "payments and billing",
  confirmed: "library",
  setup: "Under Developers, Webhooks, add the URL; the webhook key is on the same page.",
  secretName: "the webhook key",
  eventNames: "Topic and event with a dot between them: `payment_order.created`, `transaction.updated`.",
  notes: ["`X-Topic` and `X-Webhook-ID` are not signed; the latter is the same on every attempt."],
  verify: hmac({ header: "X-Signature" }),
  events: { joined: [{ header: "X-Topic" }, { body: "event" }] },
  deliveryId: { header: "X-Webhook-ID" },
  timeLimitMs: 5_000,
});
