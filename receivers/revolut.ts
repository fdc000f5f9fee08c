import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Revolut, Merchant and Business: HMAC-SHA256 of `v1`, time and body in `Revolut-Signature`. The event is the body's `event`. */
export const revolut = defineReceiver({
  name: "revolut",
  title: "Revolut",
  docs: "https://developer.revolut.com/docs/guides/merchant/monitor-and-observe/webhooks/verify-the-payload-signature",
  category: "payments and billing",
  confirmed: ["vector", "documented"],
  setup: "Create the webhook with Revolut's API, or under Developer settings; the signing secret is in the answer.",
  secretName: "the webhook's signing secret, `wsk_…`",
  eventNames: "The body's `event`: `ORDER_COMPLETED` of the Merchant API, `TransactionStateChanged` of the Business API.",
  notes: [
    "The time is in milliseconds. While a secret is rotated the header lists several `v1`, any of which may match.",
    "A delivery has no id, so a redelivery is not recognized.",
  ],
  verify: hmac({
    header: "Revolut-Signature",
    signature: { form: "pairs", signature: "v1" },
    timestampHeader: "Revolut-Request-Timestamp",
    timeUnit: "milliseconds",
    signed: "v1.{timestamp}.{body}",
  }),
  events: { body: "event" },
});
