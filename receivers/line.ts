import { answerWhenEmpty, defineReceiver, hmac, valuesAt } from "../src/receiver/index.ts";

/**
 * LINE Messaging API: HMAC-SHA256 of the body in `X-Line-Signature`, base64. One request carries several events, each with
 * an id. The request without events, with which LINE's console tests the URL, is answered and reaches no handler.
 */
export const line = defineReceiver({
  name: "line",
  title: "LINE Messaging API",
  docs: "https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/",
  category: "messaging and voice",
  confirmed: "library",
  setup:
    "In the LINE Developers Console, on the channel's Messaging API tab, set the webhook URL; the channel secret is on Basic settings.",
  secretName: "the channel secret",
  eventNames: "`type` of each event, such as `message` or `follow`.",
  notes: [
    "The delivery id is made of the ids of all events. `deliveryContext.isRedelivery` says that an event was sent before, perhaps beside others.",
  ],
  verify: hmac({ header: "X-Line-Signature", encoding: "base64" }),
  events: { body: "events.*.type" },
  deliveryId: ({ data }) => valuesAt(data, "events.*.webhookEventId").join("+") || undefined,
  sentAt: { from: { body: "events.*.timestamp" }, unit: "milliseconds" },
  account: { body: "destination" },
  handshakes: [answerWhenEmpty("events")],
  sample: (event, deliveryId) => ({ body: { events: [{ webhookEventId: deliveryId, ...(event === undefined ? {} : { type: event }) }] } }),
});
