import { defineReceiver, unproven } from "../src/receiver/index.ts";

/** Eventbrite: it proves nothing, so a secret of your own stands in the URL as `?code=…`. The event is `config.action`. */
export const eventbrite = defineReceiver({
  name: "eventbrite",
  title: "Eventbrite",
  docs: "https://www.eventbrite.com/platform/docs/webhooks",
  category: "productivity",
  confirmed: "known",
  setup: "Under Account settings, Developer links, Webhooks, add this URL with `?code=` and the secret.",
  secretName: "the secret in the URL",
  eventNames: "`config.action`, such as `order.placed`, `attendee.updated` or `event.published`.",
  notes: [
    "Nothing proves the body, which says no more than what to fetch. Before you send your token to `api_url`, check that its host is `www.eventbriteapi.com`.",
    "Confirmed by recorded requests in public receivers, all without a signature.",
  ],
  verify: unproven(),
  events: { body: "config.action" },
  deliveryId: { header: "X-Eventbrite-Delivery" },
  account: { body: "config.user_id" },
  safeHeaders: ["X-Eventbrite-Event"],
});
