import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Cursor cloud agents: HMAC-SHA256 of the body. The event is `X-Webhook-Event`, which is not signed but also stands in the body. */
export const cursor = defineReceiver({
  name: "cursor",
  title: "Cursor",
  docs: "https://cursor.com/docs/cloud-agent/api/webhooks",
  category: "AI",
  confirmed: "documented",
  setup: "Give `webhook.url` and `webhook.secret` when you create the agent with the API.",
  secretName: "the `webhook.secret` of the agent",
  eventNames: "`statusChange`; the body's `status` is `FINISHED` or `ERROR`.",
  notes: ["The delivery id stands in a header that is not signed."],
  verify: hmac({ header: "X-Webhook-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { firstOf: [{ body: "event" }, { header: "X-Webhook-Event" }] },
  deliveryId: { header: "X-Webhook-ID" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
});
