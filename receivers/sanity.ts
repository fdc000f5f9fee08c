import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Sanity: HMAC-SHA256 of time in milliseconds and body, in URL-safe base64. What the body holds is up to the webhook's projection,
 * so the event is the header `sanity-operation`, which is not signed.
 */
export const sanity = defineReceiver({
  name: "sanity",
  title: "Sanity",
  docs: "https://www.sanity.io/docs/compute-and-ai/webhooks",
  category: "content, forms, signing, files",
  confirmed: ["library", "vector"],
  setup: "Under API, Webhooks of the project at sanity.io/manage, create a GROQ-powered webhook with method POST and enter a secret.",
  secretName: "the webhook's secret",
  eventNames: "`create`, `update` or `delete`.",
  notes: [
    "Event and delivery id stand in headers that the signature does not cover.",
    "Sanity's own library does not look at the signed time; here it may be five minutes old.",
  ],
  verify: hmac({
    header: "sanity-webhook-signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    encoding: "base64url",
    signed: "{timestamp}.{body}",
    timeUnit: "milliseconds",
  }),
  events: { header: "sanity-operation" },
  deliveryId: { header: "idempotency-key" },
  account: { header: "sanity-project-id" },
  safeHeaders: ["sanity-dataset", "sanity-document-id", "sanity-transaction-id", "sanity-transaction-time"],
});
