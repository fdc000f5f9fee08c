import { defineReceiver, listedHeaders } from "../src/receiver/index.ts";

/**
 * Coinbase Developer Platform: HMAC-SHA256 in `X-Hook0-Signature`, of time, listed headers and body (`v1`) or of time and body
 * (`v0`). The event is the body's `eventType`.
 */
export const coinbaseCdp = defineReceiver({
  name: "coinbase-cdp",
  title: "Coinbase CDP webhooks",
  docs: "https://docs.cdp.coinbase.com/webhooks/verify-signatures",
  category: "crypto",
  confirmed: "library",
  setup: "Create the subscription with the CDP API; `metadata.secret` of the answer is the secret.",
  secretName: "the subscription's secret",
  eventNames: "The body's `eventType`, such as `onchain.activity.detected`.",
  notes: [
    "Only time and body are signed where `v1` is absent. A failed `v1` is never made good by `v0`: a proxy must not rewrite a header listed in `h`.",
    "An id of the delivery is not documented, so none is read.",
  ],
  verify: listedHeaders({ header: "X-Hook0-Signature" }),
  events: { body: "eventType" },
});
