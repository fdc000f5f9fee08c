import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Loops: Standard Webhooks. The event is the body's `eventName`. */
export const loops = defineReceiver({
  name: "loops",
  title: "Loops",
  docs: "https://loops.so/docs/webhooks",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "Under Settings, Webhooks, enter the URL and choose the events; the signing secret is on the same page.",
  secretName: "the signing secret, `whsec_…`",
  eventNames: "The body's `eventName`, such as `email.delivered` or `contact.created`; the test is `testing.testEvent`.",
  verify: standardWebhooks(),
  events: { body: "eventName" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "eventTime" }, unit: "seconds" },
});
