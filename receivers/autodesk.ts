import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Autodesk Platform Services: HMAC-SHA1 of the body after `sha1hash=`, where a secret token is set. The event is `hook.event`. */
export const autodesk = defineReceiver({
  name: "autodesk",
  title: "Autodesk Platform Services",
  docs: "https://aps.autodesk.com/en/docs/webhooks/v1/overview/basics",
  category: "content, forms, signing, files",
  confirmed: "verifier",
  setup: "Set a secret token with `POST /webhooks/v1/tokens`, then create the hooks with the URL as `callbackUrl`.",
  secretName: "the secret token",
  eventNames: "`hook.event`, such as `dm.version.added`.",
  notes: [
    "The delivery id stands in a header that is not signed, and Autodesk does not say whether a retry repeats it.",
    "After five failed attempts in 48 hours the hook is disabled.",
  ],
  verify: hmac({ header: "x-adsk-signature", signature: { form: "whole", prefix: "sha1hash=" }, hash: "sha1" }),
  events: { body: "hook.event" },
  deliveryId: { header: "x-adsk-delivery-id" },
  account: { body: "hook.tenant" },
  timeLimitMs: 6_000,
});
