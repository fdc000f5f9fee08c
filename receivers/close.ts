import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Close: HMAC-SHA256 of time and body in `close-sig-hash`, with a hexadecimal key. The event is `event.object_type` and `event.action`. */
export const close = defineReceiver({
  name: "close",
  title: "Close",
  docs: "https://developer.close.com/resources/webhook-subscriptions/",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Create a webhook subscription with the API; `signature_key` of the answer is the key, and is shown only then.",
  secretName: "the subscription's signature key, hexadecimal digits",
  eventNames: "`event.object_type` and `event.action`, such as `lead.updated` or `activity.note.created`.",
  notes: ["Close names no tolerance for the signed time; five minutes is our choice."],
  verify: hmac({
    header: "close-sig-hash",
    timestampHeader: "close-sig-timestamp",
    signed: "{timestamp}{body}",
    key: "hex",
  }),
  events: { joined: [{ body: "event.object_type" }, { body: "event.action" }] },
  deliveryId: { body: "event.id" },
  sentAt: { from: { body: "event.date_created" }, unit: "iso" },
  account: { body: "event.organization_id" },
});
