import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Paystack: HMAC-SHA512 of the body in `x-paystack-signature`, keyed with the API secret key. The event is the body's `event`. */
export const paystack = defineReceiver({
  name: "paystack",
  title: "Paystack",
  docs: "https://paystack.com/docs/payments/webhooks/",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Under Settings, API Keys & Webhooks, enter the URL; the secret key is on the same page.",
  secretName: "the API secret key, `sk_live_…` or `sk_test_…`",
  eventNames: "The body's `event`, such as `charge.success` or `transfer.failed`.",
  notes: ["A delivery has no identifier, so a redelivery cannot be told from a new one."],
  verify: hmac({ header: "x-paystack-signature", hash: "sha512" }),
  events: { body: "event" },
});
