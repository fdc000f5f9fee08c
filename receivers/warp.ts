import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Warp: Standard Webhooks. The event is the body's `type`, where it has one. */
export const warp = defineReceiver({
  name: "warp",
  title: "Warp",
  docs: "https://docs.warp.dev/",
  category: "AI",
  confirmed: "documented",
  setup: "Where Warp lets you enter a webhook, enter the URL; the signing secret is shown with it.",
  secretName: "the webhook's signing secret, `whsec_…`",
  eventNames: "The body's `type`.",
  notes: [
    "That Warp signs by Standard Webhooks stands in public lists of its adopters; a page of Warp's own about webhooks was not found. A delivery without `type` is accepted without event.",
  ],
  verify: standardWebhooks(),
  events: { body: "type" },
  eventRequired: false,
  deliveryId: { header: "webhook-id" },
});
