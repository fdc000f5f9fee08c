import { defineReceiver, standardWebhooks as standardWebhooksScheme } from "../src/receiver/index.ts";

/**
 * Any sender that follows Standard Webhooks 1.0.0: HMAC-SHA256 with a `whsec_` secret, or Ed25519 with a `whpk_` key. The older names
 * `svix-*` of the headers are read too. That the body has a `type` is only a recommendation of the standard, so a delivery may be
 * without event.
 */
export const standardWebhooks = defineReceiver({
  name: "standard-webhooks",
  title: "Standard Webhooks",
  docs: "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
  category: "standards",
  confirmed: ["library", "vector"],
  setup: "Enter the URL at the sender; it shows a secret that begins with `whsec_`, or a public key that begins with `whpk_`.",
  secretName: "the endpoint's secret, `whsec_…`, or the sender's public key, `whpk_…`",
  eventNames: "The body's `type`, such as `user.created`; what it is called is the sender's choice.",
  notes: ["By the standard, an answer of 410 asks the sender to stop, and 429, 502 or 504 to slow down."],
  verify: standardWebhooksScheme({ headerPrefix: ["webhook", "svix"] }),
  secretBytes: { min: 24, max: 64 },
  events: { body: "type" },
  eventRequired: false,
  deliveryId: { firstOf: [{ header: "webhook-id" }, { header: "svix-id" }] },
});
