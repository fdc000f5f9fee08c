import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Paddle Billing: HMAC-SHA256 of time and body in `Paddle-Signature`, whose parts stand between semicolons. */
export const paddle = defineReceiver({
  name: "paddle",
  title: "Paddle Billing",
  docs: "https://developer.paddle.com/webhooks/signature-verification",
  category: "payments and billing",
  confirmed: "library",
  setup: "Add a destination of the type URL under Developer tools, Notifications; its secret key is in the destination's menu.",
  secretName: "the destination's secret key, `pdl_ntfset_…`",
  eventNames: "The body's `event_type`, such as `transaction.completed`.",
  notes: [
    "Paddle's own libraries allow the signed time five seconds, too few for a slow network or clock; here it is five minutes. `toleranceSeconds` can be set to less.",
    "While a key is rotated there are several `h1`, any of which may match.",
    "`event_id` is the same for every destination and in a replay.",
  ],
  verify: hmac({
    header: "Paddle-Signature",
    signature: { form: "pairs", timestamp: "ts", signature: "h1", separator: ";" },
    signed: "{timestamp}:{body}",
  }),
  events: { body: "event_type" },
  deliveryId: { body: "event_id" },
  sentAt: { from: { body: "occurred_at" }, unit: "iso" },
});
