import { defineReceiver, fixedAnswer, hmac, type ReceiverRequest } from "../src/receiver/index.ts";

/**
 * WooCommerce: HMAC-SHA256 of the body in `X-WC-Webhook-Signature`, base64. The event is `X-WC-Webhook-Topic`. The form
 * `webhook_id=<number>` that it sends when a webhook is saved is not signed; it is answered and believed in nothing.
 */
export const woocommerce = defineReceiver({
  name: "woocommerce",
  title: "WooCommerce",
  docs: "https://woocommerce.com/document/webhooks/",
  category: "commerce",
  confirmed: "verifier",
  setup: "In WordPress under WooCommerce, Settings, Advanced, Webhooks: set the delivery URL and the secret.",
  secretName: "the webhook's secret",
  eventNames: "`X-WC-Webhook-Topic`, such as `order.created`.",
  notes: [
    "The signature covers the body only: topic and source stand in headers that are not signed.",
    "`X-WC-Webhook-Delivery-ID` is made of the webhook's id and the second of sending: two deliveries may share it, so it is no delivery id.",
    "After five failed deliveries WooCommerce switches the webhook off.",
  ],
  verify: hmac({ header: "X-WC-Webhook-Signature", encoding: "base64" }),
  events: { header: "X-WC-Webhook-Topic" },
  account: { header: "X-WC-Webhook-Source" },
  handshakes: [{ proof: "none", method: "POST", answer: (request) => (isPing(request) ? fixedAnswer(200) : undefined) }],
  safeHeaders: ["X-WC-Webhook-ID", "X-WC-Webhook-Delivery-ID", "X-WC-Webhook-Resource", "X-WC-Webhook-Event"],
});

function isPing({ body }: ReceiverRequest): boolean {
  return body.length < 40 && /^webhook_id=\d+$/.test(body.toString("latin1"));
}
