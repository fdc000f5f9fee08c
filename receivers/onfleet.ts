import { defineReceiver, echoQuery, hmac } from "../src/receiver/index.ts";

/**
 * Onfleet: HMAC-SHA512 of the body in `X-Onfleet-Signature`. The secret is hexadecimal. The event is `triggerName`, or else
 * the number in `triggerId`. The GET request with `check` at set-up is not signed; it is sent back.
 */
export const onfleet = defineReceiver({
  name: "onfleet",
  title: "Onfleet",
  docs: "https://docs.onfleet.com/reference/secrets",
  category: "health, mobility, devices",
  confirmed: "verifier",
  setup: "In Onfleet's dashboard under Settings, API & Webhooks: add the URL and show the webhook secret.",
  secretName: "the organization's webhook secret, in hexadecimal as it is shown",
  eventNames: "The body's `triggerName`, such as `taskCompleted`.",
  notes: [
    "Any answer but 200 counts as a failure and is sent again every 30 minutes for a day.",
    "Deliveries have no id and no signed time.",
  ],
  verify: hmac({ header: "X-Onfleet-Signature", hash: "sha512", key: "hex" }),
  events: { firstOf: [{ body: "triggerName" }, { body: "triggerId" }] },
  sentAt: { from: { body: "time" }, unit: "milliseconds" },
  handshakes: [echoQuery("check")],
});
