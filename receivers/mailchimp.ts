import { defineReceiver, emptyAnswer, token } from "../src/receiver/index.ts";

/**
 * Mailchimp Marketing: it signs nothing, so a secret of your own stands in the URL as `?code=…`. Mailchimp calls that URL
 * with GET once before it delivers. Fields keep their names, such as `data[email]`.
 */
export const mailchimp = defineReceiver({
  name: "mailchimp",
  title: "Mailchimp",
  docs: "https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/",
  verify: token({ parameter: "code" }),
  secretBytes: { min: 32 },
  body: "form",
  events: { body: "type" },
  handshakes: [emptyAnswer("GET")],
});
