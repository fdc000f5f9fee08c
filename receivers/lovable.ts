import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Lovable: HMAC-SHA256 of time and body with the project's API key. The event is the body's `type`. */
export const lovable = defineReceiver({
  name: "lovable",
  title: "Lovable",
  docs: "https://www.npmjs.com/package/@lovable.dev/webhooks-js",
  category: "AI",
  confirmed: "library",
  setup: "Lovable sets the URL up with the integration, such as custom auth e-mails; the key is the project's `LOVABLE_API_KEY`.",
  secretName: "the project's Lovable API key",
  eventNames: "The body's `type`.",
  notes: [
    "There is no delivery id that is documented as stable.",
    "Lovable's own library also takes times in milliseconds and as dates; here only Unix seconds are.",
  ],
  verify: hmac({
    header: "x-lovable-signature",
    signature: { form: "whole", prefix: "sha256=" },
    timestampHeader: "x-lovable-timestamp",
    signed: "{timestamp}.{body}",
  }),
  events: { body: "type" },
});
