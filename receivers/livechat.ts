import { defineReceiver, token } from "../src/receiver/index.ts";

/** LiveChat: the webhook's secret key in the body's `secret_key`. The event is the body's `action`, such as `incoming_chat`. */
export const livechat = defineReceiver({
  name: "livechat",
  title: "LiveChat",
  docs: "https://platform.text.com/docs/management/webhooks/",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Register the webhook in the Developer Console or by `register_webhook`, with the URL and a long random `secret_key`.",
  secretName: "the webhook's `secret_key`",
  eventNames: "The body's `action`: `incoming_chat`, `incoming_event`, `chat_deactivated`, `user_added_to_chat`.",
  notes: [
    "The key proves nothing of the rest of the body, and handlers and queues see it there.",
    "There is no delivery id: `webhook_id` names the registration, and is the same in all of its deliveries.",
  ],
  verify: token({ field: "secret_key" }),
  events: { body: "action" },
  account: { body: "organization_id" },
});
