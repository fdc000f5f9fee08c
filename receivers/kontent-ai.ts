import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Kontent.ai: HMAC-SHA256 of the body; the secret is the key as it stands, although it looks like base64. The events are
 * object type and action of every notification, such as `content_item.published`. A legacy webhook signs the same in `X-KC-Signature`.
 */
export const kontentAi = defineReceiver({
  name: "kontent-ai",
  title: "Kontent.ai",
  docs: "https://kontent.ai/learn/docs/webhooks",
  category: "content, forms, signing, files",
  confirmed: "library",
  setup: "Create the webhook under Environment settings, Webhooks; the secret stands in its settings.",
  secretName: "the webhook's secret",
  eventNames:
    "Object type and action, such as `content_item.published`; for legacy webhooks type and operation, such as `content_item_variant.publish`.",
  notes: ["Only legacy webhooks have a delivery id. A delivery may carry several notifications, and not always in order."],
  verify: hmac({ header: ["X-Kontent-ai-Signature", "X-KC-Signature"], encoding: "base64" }),
  events: {
    firstOf: [
      { each: "notifications.*.message", joined: ["object_type", "action"] },
      { joined: [{ body: "message.type" }, { body: "message.operation" }] },
    ],
  },
  deliveryId: { body: "message.id" },
});
