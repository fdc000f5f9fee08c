import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Fourthwall: HMAC-SHA256 of the body, in a header of its own for shops and for platform apps. The event is the body's `type`. */
export const fourthwall = defineReceiver({
  name: "fourthwall",
  title: "Fourthwall",
  docs: "https://docs.fourthwall.com/webhooks/signature-verification",
  category: "social, media and creators",
  confirmed: "documented",
  setup:
    "Add the URL under Settings, For developers, Webhooks; the secret key stands there. An app's HMAC key stands in the app's settings.",
  secretName: "the shop's webhook secret key, or the app's HMAC key",
  eventNames: "The body's `type`, such as `ORDER_PLACED`.",
  notes: ["`testMode` in the body is true for events sent by the test button."],
  verify: hmac({ header: ["X-Fourthwall-Hmac-SHA256", "X-Fourthwall-Hmac-Apps-SHA256"], encoding: "base64" }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "createdAt" }, unit: "iso" },
  account: { body: "shopId" },
});
