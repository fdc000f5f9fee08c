import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Checkout.com: HMAC-SHA256 of the body in `Cko-Signature`. The event is the body's `type`, such as `payment_captured`. */
export const checkoutCom = defineReceiver({
  name: "checkout-com",
  title: "Checkout.com",
  docs: "https://www.checkout.com/docs/workflows/set-up-your-webhook-receiver",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Under Developers, Webhooks, or through the Workflows API, add the URL and a signature key.",
  secretName: "the webhook's signature key",
  eventNames: "The body's `type`, such as `payment_approved` or `payment_captured`.",
  notes: ["An `Authorization` header key entered beside the signature key is not looked at."],
  verify: hmac({ header: "Cko-Signature" }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_on" }, unit: "iso" },
});
