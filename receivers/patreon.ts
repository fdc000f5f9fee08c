import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Patreon: HMAC-MD5 of the body. The event is `X-Patreon-Event`, which is not signed; there is no delivery id. */
export const patreon = defineReceiver({
  name: "patreon",
  title: "Patreon",
  docs: "https://docs.patreon.com/#webhooks",
  category: "social, media and creators",
  confirmed: "library",
  setup: "Add the URL under Webhooks of the developer portal, or create it with the API; the secret stands beside it.",
  secretName: "the webhook's secret",
  eventNames: "The header `X-Patreon-Event`, such as `members:pledge:create`.",
  notes: [
    "HMAC-MD5 is all that Patreon offers; no attack on it is known, but no new system should choose it.",
    "The header with the event is not signed: a member's state in the body is.",
    "`data.id` names the member or post and comes back with each of its events, so it is no delivery id.",
  ],
  verify: hmac({ header: "X-Patreon-Signature", hash: "md5" }),
  events: { header: "X-Patreon-Event" },
});
