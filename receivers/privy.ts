import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Privy: signed by Svix, in the `svix-*` headers. The event is the body's `type`. */
export const privy = defineReceiver({
  name: "privy",
  title: "Privy",
  docs: "https://docs.privy.io/api-reference/webhooks/overview",
  category: "identity and HR",
  confirmed: "library",
  setup: "In the dashboard, Configuration, Webhooks, add the URL; the signing key is shown there.",
  secretName: "the webhook's signing key, `whsec_…`",
  eventNames: "The body's `type`, such as `user.created` or `transaction.confirmed`.",
  verify: standardWebhooks({ headerPrefix: "svix" }),
  events: { body: "type" },
  deliveryId: { header: "svix-id" },
});
