import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** SavvyCal: HMAC-SHA256 of the body, in upper-case hexadecimal. The event is `type`, or `data.type` for SavvyCal Appointments. */
export const savvycal = defineReceiver({
  name: "savvycal",
  title: "SavvyCal",
  docs: "https://savvycal.com/docs/api/webhooks",
  category: "productivity",
  confirmed: "documented",
  setup: "Add the URL under Settings, Integrations, Webhooks; the signing secret stands beside the webhook.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `type`, such as `event.created`; for SavvyCal Appointments its `data.type`, such as `appointment.created`.",
  verify: hmac({ header: "X-Savvycal-Signature", signature: { form: "whole", prefix: "sha256=" }, encoding: "HEX" }),
  events: { firstOf: [{ body: "type" }, { body: "data.type" }] },
  deliveryId: { body: "id" },
});
