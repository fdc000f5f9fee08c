import { defineReceiver, hmac, strongestOf, token } from "../src/receiver/index.ts";

/**
 * Flutterwave: HMAC-SHA256 of the body (API v4), or the secret hash itself in `verif-hash` (API v3). The event is the body's `type`
 * (v4) or `event` (v3).
 */
export const flutterwave = defineReceiver({
  name: "flutterwave",
  title: "Flutterwave",
  docs: "https://developer.flutterwave.com/docs/webhooks",
  category: "payments and billing",
  confirmed: "documented",
  setup: "Enter the URL and a secret hash under Settings, Webhooks of the dashboard.",
  secretName: "the secret hash",
  eventNames: "The body's `type`, or `event` in v3: `charge.completed`, `transfer.completed`.",
  notes: [
    "The hash of v3 says nothing about the body: fetch the transaction before you give value.",
    "There is no delivery id that is known to stay the same: recognise a payment by `data.id` and its status.",
  ],
  verify: strongestOf([
    { when: { header: "flutterwave-signature" }, scheme: hmac({ header: "flutterwave-signature", encoding: "base64" }) },
    { when: { header: "verif-hash" }, scheme: token({ header: "verif-hash" }) },
  ]),
  events: { firstOf: [{ body: "type" }, { body: "event" }] },
});
