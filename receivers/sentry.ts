import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Sentry's integration platform: HMAC-SHA256 of the body in `Sentry-Hook-Signature`, keyed with the client secret. The event
 * is `Sentry-Hook-Resource` and the body's `action`, such as `issue.created`.
 */
export const sentry = defineReceiver({
  name: "sentry",
  title: "Sentry",
  docs: "https://docs.sentry.io/integrations/integration-platform/webhooks/",
  category: "monitoring and dev tools",
  confirmed: "verifier",
  setup: "Under Settings, Custom Integrations, enter the webhook URL of the integration; its client secret is on the same page.",
  secretName: "the integration's client secret",
  eventNames: "Resource and action with a dot between them: `issue.created`, `event_alert.triggered`, `metric_alert.critical`.",
  notes: [
    "Resource, time and `Request-ID` stand in headers that are not signed.",
    "Sentry does not say whether a retry keeps its `Request-ID`.",
    "Sentry waits one second: leave the work to a queue handler.",
    "The legacy webhook plugin signs nothing and is refused.",
  ],
  verify: hmac({ header: "Sentry-Hook-Signature" }),
  events: { joined: [{ header: "Sentry-Hook-Resource" }, { body: "action" }] },
  deliveryId: { header: "Request-ID" },
  sentAt: { from: { header: "Sentry-Hook-Timestamp" }, unit: "seconds" },
  account: { body: "installation.uuid" },
  timeLimitMs: 1_000,
});
