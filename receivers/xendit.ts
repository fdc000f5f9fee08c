import { defineReceiver, token } from "../src/receiver/index.ts";

/**
 * Xendit: the account's verification token in `x-callback-token`. The event is the body's `event`, else its `event_type`; the
 * older webhooks, such as that of an invoice, have none.
 */
export const xendit = defineReceiver({
  name: "xendit",
  title: "Xendit",
  docs: "https://docs.xendit.co/apidocs/webhook-behavior",
  category: "payments and billing",
  confirmed: "known",
  setup: "Under Settings, Webhooks of the dashboard enter the URL for each product; the verification token stands there too.",
  secretName: "the webhook verification token",
  eventNames: "The body's `event`, such as `ewallet.capture` or `payment.capture`; or `event_type`: `account.registered`.",
  notes: [
    "The token is confirmed by the vendor's page on handling webhooks, `webhook-id` by public receivers only.",
    "It is one token for the whole account, in every request, and proves nothing of the body: fetch the payment before you give value.",
    "A webhook without event, such as of an invoice, is recognised by its route: give each product an id of its own in the URL.",
  ],
  verify: token({ header: "x-callback-token" }),
  events: { firstOf: [{ body: "event" }, { body: "event_type" }] },
  eventRequired: false,
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "created" }, unit: "iso" },
  account: { body: "business_id" },
  timeLimitMs: 30_000,
});
