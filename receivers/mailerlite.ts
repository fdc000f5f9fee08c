import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** MailerLite: HMAC-SHA256 of the body in `Signature`. One request may carry several events; each has a `type`. */
export const mailerlite = defineReceiver({
  name: "mailerlite",
  title: "MailerLite",
  docs: "https://developers.mailerlite.com/docs/webhooks.html",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "Create the webhook with `POST /api/webhooks`; the answer holds its secret.",
  secretName: "the webhook's secret",
  eventNames: "`type` of each event, such as `subscriber.created`.",
  notes: [
    "Where batching is off, the body is one event; which member names it could not be confirmed, so `type` and `event` are read, and a body without them has no event.",
    "The secrets that MailerLite makes have ten characters, so shorter ones than elsewhere are taken.",
    "MailerLite Classic, which signs in another way, is not covered. Deliveries have no id and no signed time.",
  ],
  verify: hmac({ header: "Signature" }),
  events: { firstOf: [{ body: "events.*.type" }, { body: "type" }, { body: "event" }] },
  eventRequired: false,
  secretBytes: { min: 10 },
  timeLimitMs: 3_000,
});
