import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Dub: HMAC-SHA256 of the body. The event is the body's `event`. */
export const dub = defineReceiver({
  name: "dub",
  title: "Dub",
  docs: "https://dub.co/docs/concepts/webhooks/verify-webhook-requests",
  category: "monitoring and dev tools",
  confirmed: "verifier",
  setup: "Create the webhook under Settings, Webhooks of the workspace; the signing secret stands under Update Details.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `event`, such as `lead.created` or `link.clicked`.",
  verify: hmac({ header: "Dub-Signature" }),
  events: { body: "event" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "createdAt" }, unit: "iso" },
});
