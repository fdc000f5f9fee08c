import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Etsy: Standard Webhooks. The event is the body's `event_type`; the body only has a URL to ask for the rest. */
export const etsy = defineReceiver({
  name: "etsy",
  title: "Etsy",
  docs: "https://developers.etsy.com/documentation/essentials/webhooks",
  category: "commerce",
  confirmed: "verifier",
  setup: "Under Manage your apps, open the webhook portal of the app and add an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `event_type`, such as `order.paid`.",
  notes: ["Only commercial apps have webhooks.", "The body is thin: ask Etsy's API for what is at `resource_url`."],
  verify: standardWebhooks(),
  events: { body: "event_type" },
  deliveryId: { header: "webhook-id" },
  account: { body: "shop_id" },
});
