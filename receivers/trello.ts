import { defineReceiver, hmac, unsignedAnswer } from "../src/receiver/index.ts";

/**
 * Trello: HMAC-SHA1 with the application's secret of the body and the callback URL behind it, base64. The event is `action.type`. The
 * HEAD with which Trello checks the URL, and a GET, are answered unsigned.
 */
export const trello = defineReceiver({
  name: "trello",
  title: "Trello",
  docs: "https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/",
  category: "productivity",
  confirmed: "verifier",
  setup: "Create the webhook with `POST /1/tokens/{token}/webhooks/`; the secret stands under API key of the Power-Up.",
  secretName: "the application's secret, not its token",
  eventNames: "`action.type`, such as `createCard`, `updateCard` or `commentCard`.",
  notes: [
    "The callback URL is signed exactly as it was registered, so `publicUrl` has to give the same.",
    "An answer with 410 makes Trello delete the webhook.",
    "No time is signed: a replay is recognized by the delivery id alone.",
  ],
  verify: hmac({ header: "X-Trello-Webhook", hash: "sha1", encoding: "base64", signed: "{body}{url}" }),
  events: { body: "action.type" },
  deliveryId: { body: "action.id" },
  sentAt: { from: { body: "action.date" }, unit: "iso" },
  handshakes: [unsignedAnswer("HEAD"), unsignedAnswer("GET")],
});
