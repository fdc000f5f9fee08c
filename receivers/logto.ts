import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Logto: HMAC-SHA256 of the body. The event is the body's `event`; there is no delivery id. */
export const logto = defineReceiver({
  name: "logto",
  title: "Logto",
  docs: "https://docs.logto.io/developers/webhooks/secure-webhooks",
  category: "identity and HR",
  confirmed: "documented",
  setup: "Create the webhook under Console, Webhooks; the signing key stands in its details.",
  secretName: "the webhook's signing key",
  eventNames: "The body's `event`, such as `PostSignIn` or `User.Data.Updated`.",
  notes: ["`hookId` and `createdAt` do not tell two events of one request apart, so retries are not recognised."],
  verify: hmac({ header: "logto-signature-sha-256" }),
  events: { body: "event" },
  sentAt: { from: { body: "createdAt" }, unit: "iso" },
});
