import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Airtable: HMAC-SHA256 of the body; the key is `macSecretBase64`, decoded. A notification only says that something changed
 * in a base, so its one event is `change`, and it has no id. List the webhook's payloads from your cursor on.
 */
export const airtable = defineReceiver({
  name: "airtable",
  title: "Airtable",
  docs: "https://airtable.com/developers/web/api/webhooks-overview",
  category: "productivity",
  confirmed: "verifier",
  setup:
    "Create the webhook with Airtable's API, giving the URL as `notificationUrl`; the answer has the secret, which is shown only then.",
  secretName: "`macSecretBase64` of the webhook",
  eventNames: "Always `change`.",
  notes: ["Airtable takes 200 or 204 with an empty body for success.", "A webhook expires after 7 days unless it is refreshed."],
  verify: hmac({ header: "X-Airtable-Content-MAC", signature: { form: "whole", prefix: "hmac-sha256=" }, key: "base64" }),
  events: { value: "change" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  account: { body: "base.id" },
});
