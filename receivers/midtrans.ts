import { defineReceiver, plainDigest } from "../src/receiver/index.ts";

/**
 * Midtrans: a SHA-512 of order id, status code, amount and server key in the body's `signature_key`. Nothing else is signed. The
 * event is `transaction_status`.
 */
export const midtrans = defineReceiver({
  name: "midtrans",
  title: "Midtrans",
  docs: "https://docs.midtrans.com/docs/https-notification-webhooks",
  category: "payments and billing",
  confirmed: "documented",
  setup: "Enter the Payment Notification URL under Settings, Payment in the dashboard; Settings, Access Keys shows the server key.",
  secretName: "the server key",
  eventNames: "`transaction_status`, such as `settlement`, `pending`, `expire` or `refund`.",
  notes: [
    "Status and fraud status are not signed: ask the Get Status API before goods are sent.",
    "The signed parts stand side by side with nothing between them, and no time is signed.",
    "Notifications of Snap BI, which are signed with RSA, and of payouts are other schemes and are refused.",
  ],
  verify: plainDigest({
    from: { body: "signature_key" },
    hash: "sha512",
    signed: "{field:order_id}{field:status_code}{field:gross_amount}{secret}",
  }),
  events: { body: "transaction_status" },
  account: { body: "merchant_id" },
});
