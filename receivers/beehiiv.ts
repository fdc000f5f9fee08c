import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** beehiiv: signed by Svix, under either of its header names. The event is the body's `event_type`, or `type`. */
export const beehiiv = defineReceiver({
  name: "beehiiv",
  title: "beehiiv",
  docs: "https://developers.beehiiv.com/webhooks",
  category: "e-mail and marketing",
  confirmed: "documented",
  setup: "Under Settings, Webhooks, of the publication add an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `event_type`, such as `subscription.created` or `post.sent`, else its `type`.",
  notes: [
    "That deliveries are signed is known from Svix, which verifies them, and not from beehiiv. An unsigned delivery is refused.",
    "A delivery with neither member is accepted without event.",
  ],
  verify: standardWebhooks({ headerPrefix: ["svix", "webhook"] }),
  events: { firstOf: [{ body: "event_type" }, { body: "type" }] },
  eventRequired: false,
  deliveryId: { firstOf: [{ header: "svix-id" }, { header: "webhook-id" }] },
  account: { body: "publication_id" },
});
