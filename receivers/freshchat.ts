import { defineReceiver, rsa } from "../src/receiver/index.ts";

/** Freshchat: RSA with SHA-256 over the body in `X-Freshchat-Signature`. The event is the body's `action`. */
export const freshchat = defineReceiver({
  name: "freshchat",
  title: "Freshchat",
  docs: "https://crmsupport.freshworks.com/support/solutions/articles/50000004461-freshchat-webhooks-payload-structure-and-authentication",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Enable webhooks in the admin settings with this URL; the public key for authentication is shown on the same page.",
  secretName: "the account's public key, as PEM",
  eventNames: "The body's `action`, such as `message_create` or `conversation_resolution`.",
  notes: ["No time is signed, and a delivery has no id, so a redelivery is not recognized. The number of the retry is not signed."],
  verify: rsa({ header: "X-Freshchat-Signature" }),
  events: { body: "action" },
  retryNumber: { header: "X-Retry-Count" },
  sentAt: { from: { body: "action_time" }, unit: "iso" },
});
