import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Agora: HMAC-SHA256 of the body in `Agora-Signature-V2`; the older SHA-1 header alone is refused. The event is product and
 * type, two numbers, such as `1.103`. The answer has to be JSON.
 */
export const agora = defineReceiver({
  name: "agora",
  title: "Agora",
  docs: "https://docs.agora.io/en/voice-calling/develop/receive-notifications",
  category: "messaging and voice",
  confirmed: "documented",
  setup: "In Agora Console, on the project's page under All features, Notifications: set the URL; the secret is shown there.",
  secretName: "the secret of the notifications",
  eventNames: "The body's `productId` and `eventType`, such as `1.103`: of RTC, a broadcaster joins a channel.",
  notes: ["Agora sends a notification at most four times, and wants 200."],
  verify: hmac({ header: "Agora-Signature-V2" }),
  events: { joined: [{ body: "productId" }, { body: "eventType" }] },
  deliveryId: { body: "noticeId" },
  sentAt: { from: { body: "notifyMs" }, unit: "milliseconds" },
  timeLimitMs: 10_000,
  respond: { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
});
