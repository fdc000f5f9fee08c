import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Tally: HMAC-SHA256 of the body in base64, where a signing secret is set. The event is the body's `eventType`. */
export const tally = defineReceiver({
  name: "tally",
  title: "Tally",
  docs: "https://tally.so/help/webhooks",
  category: "content, forms, signing, files",
  confirmed: "verifier",
  setup: "Connect a webhook under Integrations of the form, enter the URL and add a signing secret.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `eventType`: `FORM_RESPONSE`.",
  verify: hmac({ header: "Tally-Signature", encoding: "base64" }),
  events: { body: "eventType" },
  deliveryId: { body: "eventId" },
  sentAt: { from: { body: "createdAt" }, unit: "iso" },
  timeLimitMs: 10_000,
});
