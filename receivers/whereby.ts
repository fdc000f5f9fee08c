import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Whereby: HMAC-SHA256 of time and body in `Whereby-Signature`. The event is the body's `type`. */
export const whereby = defineReceiver({
  name: "whereby",
  title: "Whereby",
  docs: "https://docs.whereby.com/whereby-product-features/insights-suite-and-api/webhooks",
  category: "messaging and voice",
  confirmed: "documented",
  setup: "Add a webhook under Configure in the Whereby Embedded dashboard; its secret is shown there.",
  secretName: "the webhook's secret",
  eventNames: "The body's `type`, such as `room.client.joined` or `recording.finished`.",
  notes: ["Whereby names no tolerance for the signed time; five minutes is our choice."],
  verify: hmac({
    header: "Whereby-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "createdAt" }, unit: "iso" },
});
