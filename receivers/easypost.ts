import { defineReceiver, hmac, type SecretFormat, textSecret } from "../src/receiver/index.ts";

/**
 * EasyPost: HMAC-SHA256 of the body in `X-Hmac-Signature`, after `hmac-sha256-hex=`. The secret is brought to the Unicode
 * form NFKD first. The event is the body's `description`.
 */
export const easypost = defineReceiver({
  name: "easypost",
  title: "EasyPost",
  docs: "https://docs.easypost.com/guides/webhooks-guide",
  category: "commerce",
  confirmed: "library",
  setup: "Add the URL in EasyPost's dashboard under Webhooks & Events, or by the API with `webhook_secret`.",
  secretName: "the webhook's secret",
  eventNames: "The body's `description`, such as `tracker.updated`.",
  notes: ["Signed are the bytes as sent, where a weight reads `10.0`; EasyPost's own library restores that in bodies that were parsed."],
  verify: hmac({ header: "X-Hmac-Signature", signature: { form: "whole", prefix: "hmac-sha256-hex=" }, key: compatibleText() }),
  events: { body: "description" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
});

function compatibleText(): SecretFormat<Buffer> {
  return { ...textSecret, parse: (text) => textSecret.parse(text.normalize("NFKD")) };
}
