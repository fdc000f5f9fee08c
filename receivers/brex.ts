import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Brex: Standard Webhooks, with a secret without `whsec_`. The event is the body's `event_type`. */
export const brex = defineReceiver({
  name: "brex",
  title: "Brex",
  docs: "https://developer.brex.com/docs/webhooks/",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "Register the URL with `POST /v1/webhooks`; the secrets are listed by `GET /v1/webhooks/secrets`.",
  secretName: "the secret of the account's webhooks, base64 without a prefix",
  eventNames: "The body's `event_type`, such as `TRANSFER_PROCESSED` or `EXPENSE_PAYMENT_UPDATED`.",
  notes: ["While Brex rotates the secret, `GET /v1/webhooks/secrets` lists two: configure both."],
  verify: standardWebhooks(),
  events: { body: "event_type" },
  deliveryId: { header: "webhook-id" },
  account: { body: "company_id" },
});
