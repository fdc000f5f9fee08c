import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/**
 * Any sender that delivers by way of Svix: Standard Webhooks in the `svix-*` headers, or in the `webhook-*` ones. That the
 * body has a `type` is the sender's choice, so a delivery may be without event.
 */
export const svix = defineReceiver({
  name: "svix",
  aliases: ["psi-fi"],
  title: "Svix",
  docs: "https://docs.svix.com/receiving/verifying-payloads/how",
  category: "standards",
  confirmed: ["library", "vector"],
  setup: "In the sender's webhook portal add an endpoint with the URL; its signing secret is on the endpoint's page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `type`, such as `user.created`; what it is called is the sender's choice.",
  notes: [
    "The first header names that a request uses decide. So an unsigned `svix-id` beside signed `webhook-*` headers is refused, and not read as a new delivery.",
    "PsiFi signs by way of Svix and has nothing of its own: `psi-fi` is another route name of this receiver. Its secrets stand under `svix`, where ids keep senders apart.",
  ],
  verify: standardWebhooks({ headerPrefix: ["svix", "webhook"] }),
  events: { body: "type" },
  eventRequired: false,
  deliveryId: { firstOf: [{ header: "svix-id" }, { header: "webhook-id" }] },
  timeLimitMs: 15_000,
});
