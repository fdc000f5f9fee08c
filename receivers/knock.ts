import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Knock: HMAC-SHA256 of time and body in `x-knock-signature`; the time is in milliseconds. The event is the body's `type`. */
export const knock = defineReceiver({
  name: "knock",
  title: "Knock",
  docs: "https://docs.knock.app/developer-tools/outbound-webhooks/overview",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "Create a webhook under Developers, Webhooks in the dashboard; its signing key is on its page.",
  secretName: "the webhook's signing key",
  eventNames: "The body's `type`, such as `message.sent` or `workflow.committed`.",
  verify: hmac({
    header: "x-knock-signature",
    signature: { form: "pairs", timestamp: "t", signature: "s" },
    encoding: "base64",
    timeUnit: "milliseconds",
    signed: "{timestamp}.{body}",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
});
