import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Sendbird: HMAC-SHA256 of the body with the master API token in `X-Sendbird-Signature`. The event is the body's `category`. */
export const sendbird = defineReceiver({
  name: "sendbird",
  title: "Sendbird",
  docs: "https://sendbird.com/docs/chat/platform-api/v3/webhook/webhook-overview",
  category: "messaging and voice",
  confirmed: "verifier",
  setup:
    "In Sendbird's dashboard under Settings, Chat, Webhooks: set the URL; the master API token is under Settings, Application, General.",
  secretName: "the application's master API token",
  eventNames: "The body's `category`, such as `group_channel:message_send`.",
  notes: ["The key is the master token, not one of the secondary ones. Deliveries have no id and no signed time."],
  verify: hmac({ header: "X-Sendbird-Signature" }),
  events: { body: "category" },
  account: { body: "app_id" },
});
