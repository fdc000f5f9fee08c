import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Ripple Collections: HMAC-SHA256 with a base64 key of time in milliseconds and the body's SHA-256. The event's header is not signed. */
export const ripple = defineReceiver({
  name: "ripple",
  title: "Ripple Collections",
  docs: "https://docs.ripple.com/products/collections/api/collections/webhooks/createwebhooks",
  category: "crypto",
  confirmed: "documented",
  setup: "Register the URL with `POST /v1/collections/webhooks`; the secret comes with the registration.",
  secretName: "the registration's secret, base64",
  eventNames: "`X-Webhook-Event-Type`, such as `TRANSACTION_STATUS_CHANGED` or `SETTLEMENT_COMPLETED`.",
  notes: ["The event stands in a header that the signature does not cover: rely on the body. There is no delivery id."],
  verify: hmac({
    header: "X-Webhook-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body:sha256}",
    timeUnit: "milliseconds",
    key: "base64",
  }),
  events: { header: "X-Webhook-Event-Type" },
});
