import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Nash: signed by Svix, under either of its header names. The event is the body's `type` and `event`. */
export const nash = defineReceiver({
  name: "nash",
  title: "Nash",
  docs: "https://docs.usenash.com/reference/webhooks",
  category: "commerce",
  confirmed: "documented",
  setup: "On the Webhook Management page of the Nash Portal add an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `type` and `event`, such as `delivery.dropoff_complete` or `courier_location.updated`.",
  notes: [
    "Nash does not document the names of the three headers, so both `svix-*` and `webhook-*` are accepted; the first that a request uses decides.",
  ],
  verify: standardWebhooks({ headerPrefix: ["svix", "webhook"] }),
  events: { joined: [{ body: "type" }, { body: "event" }] },
  deliveryId: { firstOf: [{ header: "svix-id" }, { header: "webhook-id" }] },
});
