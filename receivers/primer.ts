import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Primer: HMAC-SHA256 of the body in `X-Signature-Primary` and, for a day after a rotation, with the old secret in
 * `X-Signature-Secondary`; either will do. The event is the body's `eventType`.
 */
export const primer = defineReceiver({
  name: "primer",
  title: "Primer",
  docs: "https://www.primer.io/docs/api-reference/endpoints/v2.2/payment-webhooks/payment-status-update",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "In the dashboard, Developers, Webhooks, add the URL; the signing secret is on the same page.",
  secretName: "the signing secret of webhooks",
  eventNames: "The body's `eventType`, such as `PAYMENT.STATUS` or `PAYMENT.REFUND`.",
  notes: [
    "`sentAt` is the body's `signedAt`, which is signed with it. No tolerance is documented and not every version has it, so it is not checked.",
    "A delivery has no identifier, so a redelivery cannot be told from a new one.",
  ],
  verify: hmac({ header: ["X-Signature-Primary", "X-Signature-Secondary"], encoding: "base64" }),
  events: { body: "eventType" },
  sentAt: { from: { body: "signedAt" }, unit: "seconds" },
});
