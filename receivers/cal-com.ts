import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Cal.com: HMAC-SHA256 of the body. Without a secret it sends `no-secret-provided` instead of a signature, which is refused. */
export const calCom = defineReceiver({
  name: "cal-com",
  title: "Cal.com",
  docs: "https://cal.com/docs/developing/guides/automation/webhooks",
  category: "productivity",
  confirmed: "verifier",
  setup: "Add the URL and a secret under Settings, Developer, Webhooks.",
  secretName: "the webhook's secret",
  eventNames: "The body's `triggerEvent`, such as `BOOKING_CREATED`; the ping test sends `PING`.",
  notes: [
    "There is no delivery id: `payload.uid` names the booking and comes back with each of its events.",
    "A custom payload template must be JSON and keep `triggerEvent`.",
  ],
  verify: hmac({ header: "X-Cal-Signature-256" }),
  events: { body: "triggerEvent" },
  sentAt: { from: { body: "createdAt" }, unit: "iso" },
});
