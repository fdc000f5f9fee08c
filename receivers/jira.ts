import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Jira and Confluence, webhooks of an administrator: HMAC-SHA256 of the body in `X-Hub-Signature`. The event is
 * `webhookEvent`, such as `jira:issue_updated`. Apps that use Connect sign with a JWT instead.
 */
export const jira = defineReceiver({
  name: "jira",
  title: "Jira",
  docs: "https://developer.atlassian.com/cloud/jira/platform/webhooks/",
  category: "productivity",
  confirmed: "verifier",
  setup: "In Jira's system settings under Webhooks: set the URL and let a secret be generated, or enter one.",
  secretName: "the webhook's secret",
  eventNames: "The body's `webhookEvent`, such as `jira:issue_updated`; of Confluence, `event`.",
  notes: [
    "Without a secret at Jira nothing is signed, and every request is refused. Another method than `sha256` is refused too.",
    "Confluence may name no event in the body.",
    "Identifier and retry stand in headers that are not signed.",
  ],
  verify: hmac({ header: "X-Hub-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { firstOf: [{ body: "webhookEvent" }, { body: "event" }] },
  eventRequired: false,
  deliveryId: { header: "X-Atlassian-Webhook-Identifier" },
  retryNumber: { header: "X-Atlassian-Webhook-Retry" },
  sentAt: { from: { body: "timestamp" }, unit: "milliseconds" },
});
