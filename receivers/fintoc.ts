import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Fintoc: HMAC-SHA256 of time and body in `Fintoc-Signature`. The event is the body's `type`. */
export const fintoc = defineReceiver({
  name: "fintoc",
  title: "Fintoc",
  docs: "https://docs.fintoc.com/docs/webhooks-walkthrough",
  category: "payments and billing",
  confirmed: "library",
  setup: "Add an endpoint under Webhooks in the dashboard, or with the API; its secret is shown when it is created.",
  secretName: "the endpoint's secret, `whsec_…`, used as it stands",
  eventNames: "The body's `type`, such as `payment_intent.succeeded`.",
  verify: hmac({
    header: "Fintoc-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
});
