import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Shopify: HMAC-SHA256 of the body in `X-Shopify-Hmac-Sha256`, base64; the newer Events deliveries use the same names
 * without `X-`. The event is the topic, such as `orders/create`, which stands in a header that is not signed.
 */
export const shopify = defineReceiver({
  name: "shopify",
  title: "Shopify",
  docs: "https://shopify.dev/docs/apps/build/webhooks",
  category: "commerce",
  confirmed: "library",
  setup: "Subscribe to topics in the app's `shopify.app.toml` or by the API; the client secret stands in the Dev Dashboard under Settings.",
  secretName: "the app's client secret; during a rotation, the new and the old one",
  eventNames: "`X-Shopify-Topic`, such as `orders/create` or `customers/data_request`.",
  notes: [
    "The signature covers the body only. Topic, shop and ids stand in headers that whoever copied a request may change.",
    "Webhooks made in a store's own notification settings are signed with another secret, which that page shows.",
    "The three compliance topics must be answered 401 on a wrong signature, as every receiver here does.",
  ],
  verify: hmac({ header: ["X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256"], encoding: "base64" }),
  events: { firstOf: [{ header: "X-Shopify-Topic" }, { header: "Shopify-Topic" }] },
  deliveryId: { firstOf: [{ header: "X-Shopify-Webhook-Id" }, { header: "Shopify-Webhook-Id" }] },
  sentAt: { from: { firstOf: [{ header: "X-Shopify-Triggered-At" }, { header: "Shopify-Triggered-At" }] }, unit: "iso" },
  account: { firstOf: [{ header: "X-Shopify-Shop-Domain" }, { header: "Shopify-Shop-Domain" }] },
  safeHeaders: [
    "X-Shopify-API-Version",
    "X-Shopify-Event-Id",
    "X-Shopify-Sub-Topic",
    "X-Shopify-Name",
    "Shopify-API-Version",
    "Shopify-Event-Id",
    "Shopify-Action",
  ],
  timeLimitMs: 5_000,
});
