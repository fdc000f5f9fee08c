import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Sardine: Standard Webhooks. The event is the body's `eventType`, or `type`. */
export const sardine = defineReceiver({
  name: "sardine",
  title: "Sardine",
  docs: "https://docs.payments.sardine.ai/integration_guides/nft_checkout/webhooks",
  category: "identity and HR",
  confirmed: "documented",
  setup: "Give the URL to Sardine's integration manager, who sets it up and hands over the signing secret.",
  secretName: "the signing secret, `whsec_…`",
  eventNames: "The body's `eventType`, such as `order.processed`, else its `type`.",
  notes: ["Only the body of checkout webhooks is documented. A delivery with neither member is accepted without event."],
  verify: standardWebhooks(),
  events: { firstOf: [{ body: "eventType" }, { body: "type" }] },
  eventRequired: false,
  deliveryId: { header: "webhook-id" },
});
