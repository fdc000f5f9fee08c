import { createHash } from "node:crypto";
import { chosenBySecret, defineReceiver, hmac, textSecret, token } from "../src/receiver/index.ts";

const credentials = /^\w{5,20}:\S{8,20}$/;

/**
 * PhonePe: by the webhook's authentication type, HMAC-SHA256 of the body in `X-PhonePe-Checksum-Signature`, or the SHA-256 of user
 * and password in `Authorization`, which says nothing about the body. The event is the body's `event`.
 */
export const phonepe = defineReceiver({
  name: "phonepe",
  title: "PhonePe",
  docs: "https://developer.phonepe.com/payment-gateway/website-integration/standard-checkout/api-integration/api-reference/webhook",
  category: "payments and billing",
  confirmed: ["library", "known"],
  setup: "Create the webhook under Developer Settings, Webhook in the PhonePe Business dashboard, with HMAC where it is offered.",
  secretName: "the webhook's HMAC secret key, or `<user name>:<password>`",
  eventNames: "The body's `event`, such as `checkout.order.completed` or `pg.refund.failed`.",
  notes: [
    "With user name and password the body is not signed: rely on the order status API.",
    "The HMAC form is not documented in detail: hexadecimal of the raw body is what is known of it.",
  ],
  verify: chosenBySecret([
    {
      ...hmac({ header: "X-PhonePe-Checksum-Signature" }),
      secret: {
        ...textSecret,
        description: "an HMAC secret key",
        parse: (text) => (text.includes(":") ? undefined : textSecret.parse(text)),
      },
    },
    {
      ...token({ header: "Authorization", expected: (secret) => createHash("sha256").update(secret).digest("hex") }),
      secret: {
        ...textSecret,
        description: "`<user name>:<password>`",
        parse: (text) => (credentials.test(text) ? textSecret.parse(text) : undefined),
      },
    },
  ]),
  secretBytes: { min: 14 },
  events: { body: "event" },
  timeLimitMs: 5_000,
});
