import { defineReceiver, hmac, namedKey } from "../src/receiver/index.ts";

/**
 * Pusher Channels: HMAC-SHA256 of the body in `X-Pusher-Signature`, with the secret of the app key that `X-Pusher-Key`
 * names. A secret is configured as `<app key>:<secret>`. One request carries several events.
 */
export const pusher = defineReceiver({
  name: "pusher",
  title: "Pusher Channels",
  docs: "https://pusher.com/docs/channels/server_api/webhooks/",
  category: "messaging and voice",
  confirmed: "library",
  setup: "In Pusher's dashboard, in the app under Webhooks, add the URL; key and secret stand under App Keys.",
  secretName: "`<app key>:<secret>`, as App Keys shows them; one entry for each key",
  eventNames: "`name` of each event, such as `channel_occupied` or `client_event`.",
  notes: [
    "`<app key>_<secret>` is read too.",
    "`time_ms` may be the same for two deliveries, so there is no delivery id. It is signed, but has no documented limit, so its age is not checked.",
  ],
  verify: namedKey(hmac({ header: "X-Pusher-Signature" }), {
    from: { header: "X-Pusher-Key" },
    description: "`<app key>:<secret>`",
    keyName: /^[A-Za-z0-9]+$/,
    separators: ":_",
  }),
  events: { body: "events.*.name" },
  eventRequired: false,
  sentAt: { from: { body: "time_ms" }, unit: "milliseconds" },
  account: { header: "X-Pusher-Key" },
});
