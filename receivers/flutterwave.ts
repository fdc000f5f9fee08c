import { defineReceiver, flagSetting, hmac, token } from "../src/receiver/index.ts";

/**
 * Flutterwave: HMAC-SHA256 of the body (API v4). API v3 sends the secret hash itself in `verif-hash`, which is accepted only
 * where the settings ask for it, and then alone. The event is the body's `type` (v4) or `event` (v3).
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
  settings: { legacyHash: flagSetting({ about: "Accept `verif-hash` of API v3 instead of the signature of v4." }) },
  verify: ({ legacyHash }) =>
    legacyHash ? token({ header: "verif-hash" }) : hmac({ header: "flutterwave-signature", encoding: "base64" }),
  events: { firstOf: [{ body: "type" }, { body: "event" }] },
});
