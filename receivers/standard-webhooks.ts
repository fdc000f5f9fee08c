import { defineReceiver, standardWebhooks as standardWebhooksScheme } from "../src/receiver/index.ts";

/**
 * Any sender that follows Standard Webhooks 1.0.0: HMAC-SHA256 with a `whsec_` secret, or Ed25519 with a `whpk_` key. That
 * the body has a `type` is only a recommendation of the standard, so a delivery may be without event.
 */
export const standardWebhooks = defineReceiver({
  name: "standard-webhooks",
  title: "Standard Webhooks",
  docs: "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
  verify: standardWebhooksScheme(),
  secretBytes: { min: 24, max: 64 },
  events: { body: "type" },
  eventRequired: false,
  deliveryId: { header: "webhook-id" },
});
