import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Calendly: HMAC-SHA256 of time and body in `Calendly-Webhook-Signature`. The event is the body's `event`; there is no delivery id. */
export const calendly = defineReceiver({
  name: "calendly",
  title: "Calendly",
  docs: "https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures",
  category: "productivity",
  confirmed: "verifier",
  setup: "Create the subscription with `POST /webhook_subscriptions` and give it a `signing_key` of your own.",
  secretName: "the subscription's signing key",
  eventNames: "The body's `event`, such as `invitee.created`, `invitee.canceled` or `routing_form_submission.created`.",
  notes: ["Without a `signing_key` Calendly signs nothing, and every delivery is refused."],
  verify: hmac({
    header: "Calendly-Webhook-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
    tolerance: { pastSeconds: 180, futureSeconds: 60 },
  }),
  events: { body: "event" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { body: "created_by" },
});
