import { defineReceiver, flagSetting, hmacNamedBy } from "../src/receiver/index.ts";

/**
 * Sumsub: HMAC of the body in `X-Payload-Digest`, with the hash that `X-Payload-Digest-Alg` names: SHA-256 or SHA-512, and SHA-1 by
 * setting. The event is the body's `type`.
 */
export const sumsub = defineReceiver({
  name: "sumsub",
  title: "Sumsub",
  docs: "https://docs.sumsub.com/docs/webhooks",
  category: "identity and HR",
  confirmed: "known",
  setup: "In the dashboard's dev space under Webhooks, create one with this URL, a secret key and the algorithm HMAC_SHA256_HEX.",
  secretName: "the webhook's secret key",
  eventNames: "The body's `type`, such as `applicantReviewed` or `applicantCreated`.",
  notes: [
    "The name of the hash is not signed, so weak ones are refused; a request without it is refused too.",
    "No time is signed. The delivery id is made of `correlationId`, `type` and applicant, since Sumsub names no delivery.",
    "Sumsub waits 5 seconds and tries four more times.",
    "Confirmed by several public receivers and Sumsub's page on the webhook manager.",
  ],
  settings: { acceptSha1: flagSetting({ about: "Whether digests with SHA-1 are accepted, for webhooks made with HMAC_SHA1_HEX." }) },
  verify: ({ acceptSha1 }) =>
    hmacNamedBy({
      header: "X-Payload-Digest",
      hashName: { header: "X-Payload-Digest-Alg" },
      hashes: { HMAC_SHA256_HEX: "sha256", HMAC_SHA512_HEX: "sha512", ...(acceptSha1 ? { HMAC_SHA1_HEX: "sha1" } : {}) },
    }),
  events: { body: "type" },
  deliveryId: { joined: [{ body: "correlationId" }, { body: "type" }, { body: "applicantId" }], separator: "/" },
  account: { body: "clientId" },
  timeLimitMs: 5_000,
});
