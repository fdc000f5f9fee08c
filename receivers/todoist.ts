import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Todoist: HMAC-SHA256 of the body, in base64, in `X-Todoist-Hmac-SHA256`, with the app's client secret. The event is `event_name`. */
export const todoist = defineReceiver({
  name: "todoist",
  title: "Todoist",
  docs: "https://developer.todoist.com/api/v1/#tag/Webhooks",
  category: "productivity",
  confirmed: "known",
  setup: "In the app management console, enter the URL under Webhooks; the client secret is on the same page.",
  secretName: "the app's client secret",
  eventNames: "`event_name`, such as `item:added` or `project:updated`.",
  notes: [
    "One key signs for every user of the app: `user_id` says whose event it is.",
    "No time is signed, and the delivery id stands in a header that is not.",
    "Confirmed by Doist/todoist-sdk-typescript, `verifyWebhookSignature`.",
  ],
  verify: hmac({ header: "X-Todoist-Hmac-SHA256", encoding: "base64" }),
  events: { body: "event_name" },
  deliveryId: { header: "X-Todoist-Delivery-ID" },
  sentAt: { from: { body: "triggered_at" }, unit: "iso" },
  account: { body: "user_id" },
});
