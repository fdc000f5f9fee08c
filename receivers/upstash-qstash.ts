import { defineReceiver, jwt } from "../src/receiver/index.ts";

/**
 * Upstash QStash: a token in `Upstash-Signature` with the URL and a hash of the body. The messages are your own, so every event
 * is `message`. Configure the current and the next signing key, in this order.
 */
export const upstashQstash = defineReceiver({
  name: "upstash-qstash",
  title: "Upstash QStash",
  docs: "https://upstash.com/docs/qstash/howto/signature",
  category: "cloud and infrastructure",
  confirmed: "library",
  setup: "Publish messages or schedules to this URL; the signing keys are in the console of QStash.",
  secretName: "the current signing key, and beside it the next one",
  eventNames: "Always `message`.",
  notes: [
    "The URL is signed: `publicUrl` must be the URL that the message was published to.",
    "The message's id and the number of the retry stand in headers that are not signed.",
    "Messages sent with PATCH or DELETE, which one could choose, are not taken.",
  ],
  verify: jwt({
    header: "Upstash-Signature",
    algorithms: ["HS256"],
    key: "secret",
    issuer: "Upstash",
    urlClaim: "sub",
    bodyHash: { claim: "body", encoding: "base64url" },
    requireExpiry: true,
  }),
  methods: ["POST", "PUT", "GET"],
  body: { kinds: ["json", "form", "any"], mayBeEmpty: true },
  events: { value: "message" },
  deliveryId: { header: "Upstash-Message-Id" },
  retryNumber: { header: "Upstash-Retried" },
  safeHeaders: ["Upstash-Schedule-Id"],
});
