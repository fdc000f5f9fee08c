import { defineReceiver, token } from "../src/receiver/index.ts";

/**
 * Streak: the webhook's token in `X-Streak-Webhook-Token`. The event is the body's `event`, or `?event=…` of the URL, or else
 * `change`.
 */
export const streak = defineReceiver({
  name: "streak",
  title: "Streak",
  docs: "https://streak.readme.io/reference/create-a-webhook",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Create a webhook by the API, for a pipeline or team, with the URL as `targetUrl` and a long random `token`.",
  secretName: "the webhook's `token`",
  eventNames: "The body's `event`; else write it into the URL, such as `?event=BOX_CREATED`: a webhook has one. Else `change`.",
  notes: [
    "The token is optional at Streak, and a webhook without one is refused. It proves nothing of the body.",
    "What a body looks like is not documented in full; whether it names its event was not confirmed. There is no delivery id.",
  ],
  verify: token({ header: "X-Streak-Webhook-Token" }),
  events: { firstOf: [{ body: "event" }, { query: "event", otherwise: "change" }] },
});
