import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Lob: HMAC-SHA256 of time and body in `Lob-Signature`. The event is `event_type.id`. */
export const lob = defineReceiver({
  name: "lob",
  title: "Lob",
  docs: "https://help.lob.com/print-and-mail/getting-data-and-results/using-webhooks",
  category: "commerce",
  confirmed: "verifier",
  setup: "Create a webhook under Webhooks in the dashboard, for Test and Live apart; its secret is on the webhook's page.",
  secretName: "the webhook's secret",
  eventNames: "`event_type.id`, such as `postcard.delivered` or `letter.created`.",
  notes: ["Lob does not say whether the signed time is in seconds or milliseconds; its length decides, and it is checked either way."],
  verify: hmac({
    header: "Lob-Signature",
    timestampHeader: "Lob-Signature-Timestamp",
    timeUnit: "seconds-or-milliseconds",
    signed: "{timestamp}.{body}",
  }),
  events: { body: "event_type.id" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "date_created" }, unit: "iso" },
});
