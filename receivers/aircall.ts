import { defineReceiver, token } from "../src/receiver/index.ts";

/** Aircall: the webhook's token in the body's `token`. The event is the body's `event`, such as `call.created`. */
export const aircall = defineReceiver({
  name: "aircall",
  title: "Aircall",
  docs: "https://developer.aircall.io/docs/webhooks-overview",
  category: "messaging and voice",
  confirmed: "documented",
  setup: "Add a webhook with the URL in the dashboard's integrations or by the API, which then gives its `token`.",
  secretName: "the webhook's `token`",
  eventNames: "The body's `event`: `call.created`, `call.ended`, `message.received`, `contact.updated`, `user.wut_start`.",
  notes: [
    "The token proves nothing of the rest of the body, and handlers and queues see it there.",
    "There is no delivery id: recognise a call by `data.id` and the event.",
    "Aircall switches off a webhook that fails again and again.",
  ],
  verify: token({ field: "token" }),
  events: { body: "event" },
  sentAt: { from: { body: "timestamp" }, unit: "seconds" },
  timeLimitMs: 5_000,
});
