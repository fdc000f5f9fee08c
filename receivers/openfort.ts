import { defineReceiver, hmac, type SecretFormat, textSecret } from "../src/receiver/index.ts";

/**
 * Openfort: HMAC-SHA256 of the body in `openfort-signature`. The key is the project's secret API key without `sk_`,
 * `test_` and dashes. The event is the body's `type`.
 */
export const openfort = defineReceiver({
  name: "openfort",
  title: "Openfort",
  docs: "https://www.openfort.io/docs",
  category: "crypto",
  confirmed: "library",
  setup: "Add the URL in Openfort's dashboard under the project's webhooks; the secret key stands under API keys.",
  secretName: "the project's secret API key, `sk_…`, as the dashboard shows it",
  eventNames: "The body's `type`, such as `transaction_intent.successful`.",
  notes: ["No time is signed and no id is sent, so a copied request stays valid."],
  verify: hmac({ header: "openfort-signature", key: apiKey() }),
  events: { body: "type" },
});

function apiKey(): SecretFormat<Buffer> {
  const strip = (text: string): string => text.replace("sk_", "").replace("test_", "").replaceAll("-", "");
  return {
    description: "the secret API key, with or without its prefix",
    parse: (text) => textSecret.parse(strip(text)),
    byteLength: (text) => textSecret.byteLength(strip(text)),
  };
}
