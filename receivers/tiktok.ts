import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** TikTok: HMAC-SHA256 of time and body with the client secret. The event is the body's `event`; `content` is JSON as text. */
export const tiktok = defineReceiver({
  name: "tiktok",
  title: "TikTok",
  docs: "https://developers.tiktok.com/doc/webhooks-verification",
  category: "social, media and creators",
  confirmed: "verifier",
  setup: "Enter the callback URL under Webhooks of the app in the developer portal; the client secret stands among its credentials.",
  secretName: "the app's client secret",
  eventNames: "The body's `event`, such as `authorization.removed` or `post.publish.complete`.",
  notes: ["TikTok delivers at least once and sends no delivery id: make handlers safe to run twice."],
  verify: hmac({
    header: "TikTok-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "s" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "event" },
  sentAt: { from: { body: "create_time" }, unit: "seconds" },
  account: { body: "user_openid" },
});
