import { createHash } from "node:crypto";
import { defineReceiver, ecdsa, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Twilio SendGrid, event webhook: ECDSA over time and body in `X-Twilio-Email-Event-Webhook-Signature`. The body is a list; the
 * events are the `event` of its items.
 */
export const sendgrid = defineReceiver({
  name: "sendgrid",
  title: "Twilio SendGrid",
  docs: "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
  category: "e-mail and marketing",
  confirmed: ["library", "vector"],
  setup:
    "Create an event webhook under Settings, Mail settings with this URL, enable the signed event webhook and copy the verification key.",
  secretName: "the webhook's verification key: a public key in base64",
  eventNames: "Each item's `event`, such as `delivered`, `bounce` or `open`. A delivery carries many.",
  notes: [
    "SendGrid names no tolerance for the signed time; five minutes is our choice. If retries should come with their first time, set `toleranceSeconds`.",
    "Items have ids and deliveries none; the delivery id is made of the ids of its items.",
    "The body ends with a line break, which is signed.",
  ],
  verify: ecdsa({
    header: "X-Twilio-Email-Event-Webhook-Signature",
    timestampHeader: "X-Twilio-Email-Event-Webhook-Timestamp",
    signed: "{timestamp}{body}",
  }),
  events: { body: "*.event" },
  deliveryId: deliveryIdOf,
});

function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const ids = valuesAt(data, "*.sg_event_id").filter((id) => typeof id === "string");
  return ids.length < 2 ? ids[0] : createHash("sha256").update(JSON.stringify(ids)).digest("hex");
}
