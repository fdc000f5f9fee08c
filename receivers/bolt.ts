import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Bolt: HMAC-SHA256 of the body in `X-Bolt-Hmac-Sha256`. The event is the body's `type`, such as `payment`. */
export const bolt = defineReceiver({
  name: "bolt",
  title: "Bolt",
  docs: "https://help.bolt.com/developers/webhooks/hook-verification/",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "In the merchant dashboard, Administration, Webhooks, enter the URL; the signing secret is under Administration, API.",
  secretName: "the signing secret",
  eventNames: "The body's `type`, such as `auth`, `payment` or `credit`.",
  notes: ["The body's `id` is the transaction's, the same in all its deliveries, so a redelivery cannot be told from a new one."],
  verify: hmac({ header: "X-Bolt-Hmac-Sha256", encoding: "base64" }),
  events: { body: "type" },
});
