import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Segment, the Webhooks destination: HMAC-SHA1 of the body in `X-Signature`. The event is the call's type, for `track` with
 * the name of what was tracked: `identify`, `track.Order Completed`.
 */
export const segment = defineReceiver({
  name: "segment",
  title: "Segment",
  docs: "https://www.twilio.com/docs/segment/connections/destinations/catalog/actions-webhook",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "In Segment, add the destination Webhooks (Actions), and set a shared secret in its advanced settings.",
  secretName: "the destination's shared secret",
  eventNames: "The body's `type` and `event`, such as `identify` or `track.Order Completed`.",
  notes: [
    "Of a batch Segment signs the first event only, so that a batch is refused here: switch batching off.",
    "The mapping decides what the body holds; without `type` it has no event. Only POST is read.",
    "Without a shared secret nothing is signed, and every request is refused. No time is signed.",
  ],
  verify: hmac({ header: "X-Signature", hash: "sha1" }),
  events: { joined: [{ body: "type" }, { body: "event" }] },
  eventRequired: false,
  deliveryId: { body: "messageId" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
});
