import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Formstack: HMAC-SHA256 of the body, JSON or form. A webhook knows submissions only, so its one event is `submission`. */
export const formstack = defineReceiver({
  name: "formstack",
  title: "Formstack",
  docs: "https://developers.formstack.com/docs/webhook-setup",
  category: "content, forms, signing, files",
  confirmed: "verifier",
  setup:
    "Add a webhook among the form's submit actions, enter the URL and an HMAC key. The plain shared secret proves less and is not looked at.",
  secretName: "the webhook's HMAC key",
  eventNames: "Always `submission`.",
  notes: ["The delivery id is the submission's `UniqueID`: the same submission posted again counts as a redelivery."],
  verify: hmac({ header: "X-FS-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  body: { kinds: ["json", "form"] },
  events: { value: "submission" },
  deliveryId: { body: "UniqueID" },
});
