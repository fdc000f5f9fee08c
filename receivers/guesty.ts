import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Guesty: signed by Svix, under either of its header names. The event is the body's `event`. */
export const guesty = defineReceiver({
  name: "guesty",
  title: "Guesty",
  docs: "https://open-api-docs.guesty.com/docs/webhooks",
  category: "commerce",
  confirmed: "documented",
  setup: "Create the webhook with the URL with Guesty's Open API, which also gives its secret.",
  secretName: "the webhook's signing secret, `whsec_…`",
  eventNames: "The body's `event`, such as `reservation.created.v2` or `guest.updated`.",
  notes: [
    "Guesty does not document the names of the three headers, so both `svix-*` and `webhook-*` are accepted; the first that a request uses decides.",
    "The bodies of the newer `v2` events were not seen; a delivery without `event` is accepted without event.",
  ],
  verify: standardWebhooks({ headerPrefix: ["svix", "webhook"] }),
  events: { body: "event" },
  eventRequired: false,
  deliveryId: { firstOf: [{ header: "svix-id" }, { header: "webhook-id" }] },
});
