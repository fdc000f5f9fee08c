import { defineReceiver, plainDigest } from "../src/receiver/index.ts";

/** Sellsy: a SHA-1 of secret and body, one behind the other, in `x-webhook-signature`. The event is object and what happened. */
export const sellsy = defineReceiver({
  name: "sellsy",
  title: "Sellsy",
  docs: "https://api.sellsy.com/doc/v2/",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Create the webhook in Sellsy's developer portal or by the API; it has a secret of its own.",
  secretName: "the webhook's secret",
  eventNames: "`relatedtype` and `event`, such as `client.created`.",
  notes: [
    "The hash is no HMAC: whoever has one delivery can compute it for that body with bytes added, which are no JSON and so are refused.",
    "No time is signed, and there is no identifier of a delivery. Bodies as forms are refused.",
  ],
  verify: plainDigest({ header: "x-webhook-signature", hash: "sha1", signed: "{secret}{body}" }),
  events: { joined: [{ body: "relatedtype" }, { body: "event" }] },
});
