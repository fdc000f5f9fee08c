import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Dwolla: HMAC-SHA256 of the body in `X-Request-Signature-SHA-256`. The event is the body's `topic`, such as `transfer_completed`. */
export const dwolla = defineReceiver({
  name: "dwolla",
  title: "Dwolla",
  docs: "https://developers.dwolla.com/docs/balance/webhooks/process-validate",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Create a webhook subscription through the API with the URL and a secret of your own.",
  secretName: "the secret given when the subscription was created",
  eventNames: "The body's `topic`, such as `customer_created` or `transfer_completed`.",
  notes: ["Deliveries name what changed and carry links: fetch the resource from the API."],
  verify: hmac({ header: "X-Request-Signature-SHA-256" }),
  events: { firstOf: [{ body: "topic" }, { header: "X-Dwolla-Topic" }] },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
});
