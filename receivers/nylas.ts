import { defineReceiver, echoQuery, hmac, valuesAt } from "../src/receiver/index.ts";

/**
 * Nylas v3: HMAC-SHA256 of the bytes on the wire, compressed or not. The event is the body's `type`. Nylas checks the URL
 * once with a GET that is not signed and wants `challenge` back.
 */
export const nylas = defineReceiver({
  name: "nylas",
  title: "Nylas",
  docs: "https://developer.nylas.com/docs/v3/notifications/webhooks/",
  category: "productivity",
  confirmed: "verifier",
  setup: "Create the webhook in the dashboard or with the API. The answer has `webhook_secret`, which is shown only then.",
  secretName: "the webhook's `webhook_secret`",
  eventNames: "The body's `type`, such as `message.created`; large messages come as `message.created.truncated`.",
  verify: hmac({ header: "X-Nylas-Signature" }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  retryNumber: ({ data }) => {
    const [attempt] = valuesAt(data, "webhook_delivery_attempt");
    return typeof attempt === "number" ? String(attempt - 1) : undefined;
  },
  sentAt: { from: { body: "time" }, unit: "seconds" },
  account: { body: "data.object.grant_id" },
  handshakes: [echoQuery("challenge")],
  timeLimitMs: 10_000,
});
