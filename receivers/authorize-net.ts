import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Authorize.Net: HMAC-SHA512 of the body in `X-ANET-Signature`, keyed with the digits of the signature key as text, not with
 * the bytes that they stand for. The event is the body's `eventType`.
 */
export const authorizeNet = defineReceiver({
  name: "authorize-net",
  title: "Authorize.Net",
  docs: "https://developer.authorize.net/api/reference/features/webhooks.html",
  category: "payments and billing",
  confirmed: "vector",
  setup: "Under Account, Settings, Webhooks, add the URL; generate the signature key under API Credentials & Keys.",
  secretName: "the signature key, in upper case as shown",
  eventNames: "The body's `eventType`, such as `net.authorize.payment.authcapture.created`.",
  notes: [
    "The vendor says of the signature key that it must be converted to bytes; that holds for transaction responses. A webhook that was published with its key verifies only with the key as text.",
    "A replaced signature key stays in use for 24 hours: configure both.",
  ],
  verify: hmac({ header: "X-ANET-Signature", hash: "sha512", encoding: "HEX", signature: { form: "whole", prefix: "sha512=" } }),
  events: { body: "eventType" },
  deliveryId: { body: "notificationId" },
  sentAt: { from: { body: "eventDate" }, unit: "iso" },
});
