import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Recurly, JSON webhooks: HMAC-SHA256 of time and body in `recurly-signature`: the time in milliseconds, then one signature
 * for each active key. The event is `object_type` and `event_type`.
 */
export const recurly = defineReceiver({
  name: "recurly",
  title: "Recurly",
  docs: "https://docs.recurly.com/recurly-subscriptions/docs/signature-verification",
  category: "payments and billing",
  confirmed: "documented",
  setup: "Add an endpoint of the type JSON under Integrations, Webhooks; its secret key is shown there and can be regenerated.",
  secretName: "the endpoint's secret key",
  eventNames: "`object_type` and `event_type`, such as `subscription.created`.",
  notes: [
    "For 24 hours after a key is regenerated both keys sign.",
    "XML webhooks are not signed and are refused.",
    "The delivery id stands in the header `Recurly-Notification-Id`, which stays the same when Recurly sends again and is not signed.",
  ],
  verify: hmac({
    header: "recurly-signature",
    signature: { form: "list", timestampFirst: true },
    timeUnit: "milliseconds",
    signed: "{timestamp}.{body}",
  }),
  events: { joined: [{ body: "object_type" }, { body: "event_type" }] },
  deliveryId: { header: "Recurly-Notification-Id" },
  sentAt: { from: { body: "event_time" }, unit: "iso" },
  account: { body: "site_id" },
});
