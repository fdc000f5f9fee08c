import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Airwallex: HMAC-SHA256 of time and body in `x-signature`. The event is the body's `name`. */
export const airwallex = defineReceiver({
  name: "airwallex",
  title: "Airwallex",
  docs: "https://www.airwallex.com/docs/developer-tools__listen-for-webhook-events",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Add a webhook under Developer, Webhooks in the web app; its secret key is shown there.",
  secretName: "the webhook's secret key",
  eventNames: "The body's `name`, such as `payment_intent.succeeded`.",
  notes: ["The time is in milliseconds. Airwallex leaves the tolerance to the receiver; five minutes is our choice."],
  verify: hmac({
    header: "x-signature",
    timestampHeader: "x-timestamp",
    timeUnit: "milliseconds",
    signed: "{timestamp}{body}",
  }),
  events: { body: "name" },
  deliveryId: { body: "id" },
});
