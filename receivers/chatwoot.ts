import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Chatwoot: HMAC-SHA256 of time and body in `X-Chatwoot-Signature`. The event is the body's `event`. */
export const chatwoot = defineReceiver({
  name: "chatwoot",
  title: "Chatwoot",
  docs: "https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Add a webhook under Settings, Integrations, Webhooks; its secret is shown with it and by the API.",
  secretName: "the webhook's secret",
  eventNames: "The body's `event`, such as `conversation_created` or `message_created`.",
  notes: [
    "The delivery id stands in a header that is not signed, and not every delivery has one.",
    "Chatwoot names no tolerance for the signed time; five minutes is our choice.",
  ],
  verify: hmac({
    header: "X-Chatwoot-Signature",
    signature: { form: "whole", prefix: "sha256=" },
    timestampHeader: "X-Chatwoot-Timestamp",
    signed: "{timestamp}.{body}",
  }),
  events: { body: "event" },
  deliveryId: { header: "X-Chatwoot-Delivery" },
  account: { body: "account.id" },
});
