import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Lemon Squeezy: HMAC-SHA256 of the body in `X-Signature`. The event is `meta.event_name`, such as `order_created`. */
export const lemonSqueezy = defineReceiver({
  name: "lemon-squeezy",
  title: "Lemon Squeezy",
  docs: "https://docs.lemonsqueezy.com/help/webhooks/signing-requests",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Under Settings, Webhooks, add the URL and enter a signing secret.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `meta.event_name`, such as `order_created` or `subscription_updated`.",
  notes: [
    "Lemon Squeezy takes signing secrets of 6 to 40 characters: choose one of at least 16.",
    "A delivery that is sent again by hand has another `meta.webhook_id`.",
  ],
  verify: hmac({ header: "X-Signature" }),
  events: { firstOf: [{ body: "meta.event_name" }, { header: "X-Event-Name" }] },
  deliveryId: { body: "meta.webhook_id" },
  account: { body: "data.attributes.store_id" },
});
