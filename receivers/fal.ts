import { defineReceiver, ed25519, keySetDocument } from "../src/receiver/index.ts";

/**
 * fal.ai: Ed25519 over request id, your user id, time and a hash of the body in `X-Fal-Webhook-Signature`, with fal's published
 * keys. The event is the body's `status`.
 */
export const fal = defineReceiver({
  name: "fal",
  title: "fal.ai",
  docs: "https://docs.fal.ai/model-apis/model-endpoints/webhooks",
  category: "AI",
  confirmed: "verifier",
  setup: "Name this URL as `fal_webhook` when a request is submitted to the queue.",
  secretName: "your user id at fal, as `X-Fal-Webhook-User-Id` names it",
  eventNames: "The body's `status`: `OK` or `ERROR`.",
  notes: [
    "The keys sign for every user of fal; the signed user id tells yours apart. What is signed is the configured one, whatever the header says.",
    "The signed request id stands in a header; `request_id` in the body is signed as well.",
  ],
  verify: ed25519({
    header: "X-Fal-Webhook-Signature",
    timestampHeader: "X-Fal-Webhook-Timestamp",
    signed: "{header:X-Fal-Webhook-Request-Id}\n{secret}\n{timestamp}\n{body:sha256}",
    remoteKey: { document: () => keySetDocument("https://rest.alpha.fal.ai/.well-known/jwks.json") },
  }),
  secretBytes: { min: 4 },
  events: { body: "status" },
  deliveryId: { header: "X-Fal-Webhook-Request-Id" },
});
