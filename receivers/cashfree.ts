import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Cashfree Payments: HMAC-SHA256 of time and body in `x-webhook-signature`, with the client secret. The event is the body's `type`. */
export const cashfree = defineReceiver({
  name: "cashfree",
  title: "Cashfree Payments",
  docs: "https://www.cashfree.com/docs/payments/online/webhooks/signature-verification",
  category: "payments and billing",
  confirmed: "library",
  setup: "Add the URL under Developers, Webhooks in the merchant dashboard; the key is the client secret under Developers, API keys.",
  secretName: "the client secret of the API key",
  eventNames: "The body's `type`, such as `PAYMENT_SUCCESS_WEBHOOK`.",
  notes: [
    "The time is in milliseconds. Cashfree names no tolerance; five minutes is our choice.",
    "Nothing stands between time and body, although Cashfree's description can be read as a dot there; its library has none.",
    "Amounts such as `1.00` are numbers in the body; only the bytes as received are signed.",
    "The delivery id stands in a header that is not signed and that came with version 2025-01-01; older webhooks have none.",
  ],
  verify: hmac({
    header: "x-webhook-signature",
    encoding: "base64",
    timestampHeader: "x-webhook-timestamp",
    timeUnit: "milliseconds",
    signed: "{timestamp}{body}",
  }),
  events: { body: "type" },
  deliveryId: { header: "x-idempotency-key" },
  sentAt: { from: { body: "event_time" }, unit: "iso" },
});
