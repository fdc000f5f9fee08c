import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Zapier connection webhooks, of white-label accounts: Standard Webhooks. The event is the body's `type`. */
export const zapier = defineReceiver({
  name: "zapier",
  title: "Zapier",
  docs: "https://docs.zapier.com/white-label/connection-webhooks/verify-signatures",
  category: "productivity",
  confirmed: "documented",
  setup: "Create the webhook with the URL with `POST /connections/v1/webhooks`; `secret` of the answer is shown once.",
  secretName: "the webhook's `secret`, `whsec_…`",
  eventNames: "The body's `type`, such as `connection.expiry_scheduled`.",
  notes: [
    "Retries end after about 25 minutes. An answer of 4xx other than 429, a wrong secret's 401 among them, ends them at once, and the event is lost.",
    "Webhooks by Zapier, the step of a Zap, are not signed: take them with `generic-json` or `custom`.",
  ],
  verify: standardWebhooks(),
  events: { body: "type" },
  eventRequired: false,
  deliveryId: { header: "webhook-id" },
});
