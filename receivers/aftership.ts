import { defineReceiver, hmac, strongestOf } from "../src/receiver/index.ts";

/**
 * AfterShip: HMAC-SHA256 of the body, base64: in `aftership-hmac-sha256` (Tracking), `as-signature-hmac-sha256` (Returns,
 * Warranty), or `am-webhook-signature` after `hmac-sha256=` (Shipping, older accounts). The event is the body's `event`; of
 * Shipping, `event_type`.
 */
export const aftership = defineReceiver({
  name: "aftership",
  title: "AfterShip",
  docs: "https://www.aftership.com/docs/tracking/webhook/webhook-signature",
  category: "commerce",
  confirmed: "verifier",
  setup: "In the product's admin under Settings, Webhooks: add the URL; the webhook secret is shown there.",
  secretName: "the webhook secret",
  eventNames: "The body's `event`, such as `tracking_update` or `return.approved`; of Shipping `event_type`, such as `create_a_label`.",
  notes: [
    "Only the header of Tracking was checked against independent code; the other two are AfterShip's documentation.",
    "Every product has a secret of its own. A delivery of Shipping has no identifier; its content stands in for one.",
    "The body's `ts` is signed with it, but AfterShip gives no limit for its age, so it is not checked.",
  ],
  verify: strongestOf([
    { when: { header: "aftership-hmac-sha256" }, scheme: hmac({ header: "aftership-hmac-sha256", encoding: "base64" }) },
    { when: { header: "as-signature-hmac-sha256" }, scheme: hmac({ header: "as-signature-hmac-sha256", encoding: "base64" }) },
    {
      when: { header: "am-webhook-signature" },
      scheme: hmac({ header: "am-webhook-signature", signature: { form: "whole", prefix: "hmac-sha256=" }, encoding: "base64" }),
    },
  ]),
  events: { firstOf: [{ body: "event" }, { body: "event_type" }] },
  deliveryId: { firstOf: [{ body: "event_id" }, { body: "id" }] },
  sentAt: { from: { body: "ts" }, unit: "seconds" },
});
