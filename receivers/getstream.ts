import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Stream (chat, feeds, video): HMAC-SHA256 in `X-Signature`, with the app's API secret, of the body before it was
 * compressed. The event is the body's `type`.
 */
export const getstream = defineReceiver({
  name: "getstream",
  title: "Stream",
  docs: "https://getstream.io/chat/docs/node/webhooks_overview/",
  category: "messaging and voice",
  confirmed: "library",
  setup:
    "In Stream's dashboard, in the app's overview under Webhooks, or with `updateAppSettings({ event_hooks })`; the API secret stands in the overview.",
  secretName: "the app's API secret",
  eventNames: "The body's `type`, such as `message.new`.",
  notes: [
    "The API secret also signs user tokens; keep it away from everything but this.",
    "Before-message-send and custom-command calls have no `type`, and so no event; they want a JSON answer from a handler.",
  ],
  verify: hmac({ header: "X-Signature" }),
  signs: "content",
  events: { body: "type" },
  eventRequired: false,
  deliveryId: { header: "X-Webhook-Id" },
  retryNumber: { header: "X-Webhook-Attempt" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { header: "X-Api-Key" },
});
