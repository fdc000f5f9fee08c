import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** PandaDoc: HMAC-SHA256 of the body in the query parameter `signature`. A delivery is a list; its events are the items' `event`. */
export const pandadoc = defineReceiver({
  name: "pandadoc",
  title: "PandaDoc",
  docs: "https://developers.pandadoc.com/docs/webhook-verification",
  category: "content, forms, signing, files",
  confirmed: "documented",
  setup: "Add the URL under Webhooks of the Developer Dashboard; the shared key stands beside the subscription.",
  secretName: "the subscription's shared key",
  eventNames: "Each item's `event`, such as `document_state_changed`.",
  notes: ["The header with the delivery id came in July 2026. It is not signed, and older deliveries have none."],
  verify: hmac({ from: { query: "signature" } }),
  events: { body: "*.event" },
  deliveryId: { header: "X-PandaDoc-Webhook-Event-Id" },
});
