import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Linear: HMAC-SHA256 of the body in `Linear-Signature`; the body's `webhookTimestamp` may be a minute away. The event is
 * type and action, such as `Issue.create`.
 */
export const linear = defineReceiver({
  name: "linear",
  title: "Linear",
  docs: "https://linear.app/developers/webhooks",
  category: "productivity",
  confirmed: "library",
  setup: "In Linear's settings under API, Webhooks: add the URL; the signing secret is on the webhook's page.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `type` and `action`, such as `Issue.create`.",
  notes: ["The header `Linear-Timestamp` is not signed and not looked at.", "Linear tries again after one minute, one hour and six hours."],
  verify: hmac({
    header: "Linear-Signature",
    timestamp: { body: "webhookTimestamp" },
    timeUnit: "milliseconds",
    tolerance: { pastSeconds: 60, futureSeconds: 60 },
  }),
  events: { joined: [{ body: "type" }, { body: "action" }] },
  deliveryId: { header: "Linear-Delivery" },
  sentAt: { from: { body: "webhookTimestamp" }, unit: "milliseconds" },
  account: { body: "organizationId" },
  safeHeaders: ["Linear-Event"],
  timeLimitMs: 5_000,
});
