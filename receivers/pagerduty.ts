import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * PagerDuty v3: HMAC-SHA256 of the body, as one or, while a secret is rotated, several `v1` in `X-PagerDuty-Signature`. The
 * event is `event.event_type`; a test from the dashboard is `pagey.ping`.
 */
export const pagerduty = defineReceiver({
  name: "pagerduty",
  title: "PagerDuty",
  docs: "https://developer.pagerduty.com/docs/verifying-webhook-signatures",
  category: "monitoring and dev tools",
  confirmed: "verifier",
  setup: "Under Integrations, Generic Webhooks (v3), add the URL; the secret is shown once.",
  secretName: "the webhook subscription's secret",
  eventNames: "The body's `event.event_type`, such as `incident.triggered` or `incident.resolved`; for a test `pagey.ping`.",
  notes: ["Webhooks of version 2 are not signed and are refused."],
  verify: hmac({ header: "X-PagerDuty-Signature", signature: { form: "pairs", signature: "v1" } }),
  events: { body: "event.event_type" },
  deliveryId: { body: "event.id" },
  sentAt: { from: { body: "event.occurred_at" }, unit: "iso" },
  safeHeaders: ["X-Webhook-Id", "X-Webhook-Subscription"],
  timeLimitMs: 5_000,
});
