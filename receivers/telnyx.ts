import { defineReceiver, ed25519 } from "../src/receiver/index.ts";

/** Telnyx: Ed25519 over time and body in `telnyx-signature-ed25519`. The event is `data.event_type`. */
export const telnyx = defineReceiver({
  name: "telnyx",
  title: "Telnyx",
  docs: "https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks",
  category: "messaging and voice",
  confirmed: "library",
  setup: "Enter this URL with the messaging profile or the application; the public key is in the portal under Keys and credentials.",
  secretName: "the account's public key, in base64",
  eventNames: "`data.event_type`, such as `message.received` or `call.answered`.",
  verify: ed25519({
    header: "telnyx-signature-ed25519",
    encoding: "base64",
    timestampHeader: "telnyx-timestamp",
    signed: "{timestamp}|{body}",
  }),
  events: { body: "data.event_type" },
  deliveryId: { body: "data.id" },
  retryNumber: { body: "meta.attempt" },
  sentAt: { from: { body: "data.occurred_at" }, unit: "iso" },
});
