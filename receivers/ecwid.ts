import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Ecwid: HMAC-SHA256, base64, of the event's time and id alone. The body is not signed: fetch the entity that it names. */
export const ecwid = defineReceiver({
  name: "ecwid",
  title: "Ecwid",
  docs: "https://docs.ecwid.com/api-reference",
  category: "commerce",
  confirmed: "documented",
  setup: "Create the webhook on the app's details page at my.ecwid.com/#develop-apps, which shows the client secret as well.",
  secretName: "the app's client secret",
  eventNames: "The body's `eventType`, such as `order.created` or `product.updated`.",
  notes: [
    "Only time and id are signed. Read the order or product again through the API before anything is done.",
    "The signed time is that of the event and is not checked: Ecwid retries for a day.",
  ],
  verify: hmac({ header: "X-Ecwid-Webhook-Signature", encoding: "base64", signed: "{field:eventCreated}.{field:eventId}" }),
  events: { body: "eventType" },
  deliveryId: { body: "eventId" },
  sentAt: { from: { body: "eventCreated" }, unit: "seconds" },
  account: { body: "storeId" },
  timeLimitMs: 10_000,
});
