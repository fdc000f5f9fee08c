import { defineReceiver, emptyAnswer, token, valuesAt } from "../src/receiver/index.ts";

/**
 * Mailchimp Marketing: it signs nothing, so a secret of your own stands in the URL as `?code=…`. Mailchimp calls that URL
 * with GET once before it delivers. Fields keep their names, such as `data[email]`.
 */
export const mailchimp = defineReceiver({
  name: "mailchimp",
  title: "Mailchimp",
  docs: "https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/",
  category: "e-mail and marketing",
  confirmed: "documented",
  setup: "In the audience's settings under Webhooks, enter the URL with `?code=<secret>`.",
  secretName: "a secret of your own, which stands in the URL as `?code=…`",
  eventNames: "The field `type`: `subscribe`, `unsubscribe`, `profile`, `upemail`, `cleaned` or `campaign`.",
  notes: ["The proof says nothing about the fields: fetch the member before acting on them.", "There is no delivery id."],
  verify: token({ parameter: "code" }),
  secretBytes: { min: 32 },
  body: "form",
  events: { body: "type" },
  sentAt: { from: firedAt, unit: "iso" },
  account: { body: "data[list_id]" },
  handshakes: [emptyAnswer("GET")],
});

/** UTC, with a blank between date and time. */
function firedAt({ data }: { readonly data: unknown }): string | undefined {
  const [time] = valuesAt(data, "fired_at");
  return typeof time === "string" ? time.replace(" ", "T") : undefined;
}
