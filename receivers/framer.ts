import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Framer forms: HMAC-SHA256 of the body and, right behind it, the submission's id from its header. Every delivery is a submitted form. */
export const framer = defineReceiver({
  name: "framer",
  title: "Framer",
  docs: "https://www.framer.com/help/articles/framer-form-webhook-setup",
  category: "content, forms, signing, files",
  confirmed: "verifier",
  setup: "Select the form on the canvas, add a webhook under Send To, and enter the URL and a secret of at least 32 characters.",
  secretName: "the webhook's secret",
  eventNames: "Always `form.submitted`; the fields are the body's members.",
  notes: ["No time is signed: a replay is recognized by the submission's id alone."],
  verify: hmac({
    header: "Framer-Signature",
    signature: { form: "whole", prefix: "sha256=" },
    signed: "{body}{header:Framer-Webhook-Submission-Id}",
  }),
  secretBytes: { min: 32 },
  events: { value: "form.submitted" },
  deliveryId: { header: "Framer-Webhook-Submission-Id" },
});
