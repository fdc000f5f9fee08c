import { answerWhen, defineReceiver, fixedAnswer, hmac } from "../src/receiver/index.ts";

/**
 * Discourse: HMAC-SHA256 of the body in `X-Discourse-Event-Signature`. The event is `X-Discourse-Event`. A ping is answered and reaches
 * no handler.
 */
export const discourse = defineReceiver({
  name: "discourse",
  title: "Discourse",
  docs: "https://meta.discourse.org/t/configure-webhooks-that-trigger-on-discourse-events-to-integrate-with-external-services/49045",
  category: "content, forms, signing, files",
  confirmed: "known",
  setup: "Under Admin, API, Webhooks, add one with this URL and a secret of at least 12 characters; 16 or more here.",
  secretName: "the webhook's secret",
  eventNames: "`X-Discourse-Event`, such as `post_created` or `topic_edited`.",
  notes: [
    "The event's name and id stand in headers that are not signed. No time is signed.",
    "Older versions give a retry a new id; a redelivery by hand keeps it.",
    "The body is JSON whichever content type is chosen.",
    "Confirmed by discourse/discourse, `app/jobs/regular/emit_web_hook_event.rb`.",
  ],
  verify: hmac({ header: "X-Discourse-Event-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  body: { kinds: ["json"], ignoreContentType: true },
  events: { header: "X-Discourse-Event" },
  deliveryId: { header: "X-Discourse-Event-Id" },
  account: { header: "X-Discourse-Instance" },
  handshakes: [answerWhen("ping", "OK", () => fixedAnswer(200))],
  safeHeaders: ["X-Discourse-Event-Type"],
  timeLimitMs: 20_000,
});
