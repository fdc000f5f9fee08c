import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Typeform: HMAC-SHA256 of the body, in base64 after `sha256=`. The event is the body's `event_type`. */
export const typeform = defineReceiver({
  name: "typeform",
  title: "Typeform",
  docs: "https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
  category: "content, forms, signing, files",
  confirmed: "verifier",
  setup: "Add the URL under Connect, Webhooks of the form and set a secret there, or create the webhook with the API.",
  secretName: "the webhook's secret",
  eventNames: "The body's `event_type`: `form_response`, `form_response_partial`.",
  verify: hmac({ header: "Typeform-Signature", signature: { form: "whole", prefix: "sha256=" }, encoding: "base64" }),
  events: { body: "event_type" },
  deliveryId: { body: "event_id" },
  sentAt: { from: { body: "form_response.submitted_at" }, unit: "iso" },
});
