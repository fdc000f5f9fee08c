import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Checkr: HMAC-SHA256 of the body with an API key. The event is the body's `type`. */
export const checkr = defineReceiver({
  name: "checkr",
  title: "Checkr",
  docs: "https://docs.checkr.com/#section/Webhooks",
  category: "identity and HR",
  confirmed: "verifier",
  setup: "Add the URL under Account Settings, Developer Settings of the dashboard, where the API keys stand too.",
  secretName: "the account's secret API key",
  eventNames: "The body's `type`, such as `report.completed`.",
  verify: hmac({ header: "X-Checkr-Signature" }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { body: "account_id" },
});
