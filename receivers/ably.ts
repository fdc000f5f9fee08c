import { defineReceiver, hmac, namedKey } from "../src/receiver/index.ts";

/**
 * Ably: HMAC-SHA256 of the body in `X-Ably-Signature`, base64, with the secret of the API key that `X-Ably-Key` names. The
 * event is `source` of each item of a batch, or of the one envelope.
 */
export const ably = defineReceiver({
  name: "ably",
  title: "Ably",
  docs: "https://ably.com/docs/platform/integrations/webhooks",
  category: "messaging and voice",
  confirmed: "verifier",
  setup: "In Ably's dashboard, in the app under Integrations, add a webhook with the URL and choose an API key to sign with.",
  secretName: "the whole API key, `<app id>.<key id>:<secret>`, as API Keys shows it; one entry for each key",
  eventNames: "`source` of each item, such as `channel.message` or `channel.presence`.",
  notes: [
    "Without envelope a single request holds only the message; it has no event, and is read only where it is JSON.",
    "Deliveries have no id and no signed time.",
  ],
  verify: namedKey(hmac({ header: "X-Ably-Signature", encoding: "base64" }), {
    from: { header: "X-Ably-Key" },
    description: "an API key, `<app id>.<key id>:<secret>`",
    keyName: /^[\w-]+\.[\w-]+$/,
  }),
  events: { firstOf: [{ body: "items.*.source" }, { body: "source" }] },
  eventRequired: false,
  sentAt: { from: { body: "items.*.timestamp" }, unit: "milliseconds" },
  account: { body: "appId" },
});
