import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Finch: Standard Webhooks under names of its own, `Finch-Event-Id`, `Finch-Timestamp` and `Finch-Signature`. The event is the body's `event_type`. */
export const finch = defineReceiver({
  name: "finch",
  title: "Finch",
  docs: "https://developer.tryfinch.com/developer-resources/Webhooks",
  category: "identity and HR",
  confirmed: "verifier",
  setup: "In the developer dashboard, Webhooks, add the URL; the secret is shown once.",
  secretName: "the webhook's secret, base64 without a prefix",
  eventNames: "The body's `event_type`, such as `employment.updated` or `account.updated`.",
  verify: hmac({
    header: "Finch-Signature",
    signature: { form: "list", separator: " ", prefix: "v1," },
    encoding: "base64",
    key: "base64",
    timestampHeader: "Finch-Timestamp",
    signed: "{header:Finch-Event-Id}.{timestamp}.{body}",
    tolerance: { pastSeconds: 300, futureSeconds: 300 },
  }),
  events: { body: "event_type" },
  deliveryId: { header: "Finch-Event-Id" },
  account: { body: "connection_id" },
});
