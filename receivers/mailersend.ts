import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** MailerSend: HMAC-SHA256 of the body in `Signature`. The event is the body's `type`. */
export const mailersend = defineReceiver({
  name: "mailersend",
  title: "MailerSend",
  docs: "https://developers.mailersend.com/api/v1/webhooks.html",
  category: "e-mail and marketing",
  confirmed: "library",
  setup: "In MailerSend, on the domain's page under Webhooks: add the URL; the signing secret is shown there.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `type`, such as `activity.delivered`.",
  notes: ["Deliveries have no id and no signed time."],
  verify: hmac({ header: "Signature" }),
  events: { body: "type" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { body: "domain_id" },
});
