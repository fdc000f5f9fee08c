import { answerWhen, defineReceiver, fixedAnswer, hmac, unsignedAnswer } from "../src/receiver/index.ts";

/**
 * Intercom: HMAC-SHA1 of the body with the app's client secret in `X-Hub-Signature`. The event is the body's `topic`. The
 * HEAD request that tests the URL is not signed; the topic `ping` is answered after the proof.
 */
export const intercom = defineReceiver({
  name: "intercom",
  title: "Intercom",
  docs: "https://developers.intercom.com/docs/webhooks/setting-up-webhooks",
  category: "support and CRM",
  confirmed: "verifier",
  setup: "In Intercom's Developer Hub, in the app under Webhooks, set the URL; the client secret is under Basic information.",
  secretName: "the app's client secret",
  eventNames: "The body's `topic`, such as `conversation.user.created`.",
  notes: ["An answer of 410 makes Intercom switch the subscription off. No time is signed; leave deduplication on."],
  verify: hmac({ header: "X-Hub-Signature", hash: "sha1", signature: { form: "whole", prefix: "sha1=" } }),
  events: { body: "topic" },
  deliveryId: { body: "id" },
  retryNumber: { body: "delivery_attempts" },
  sentAt: { from: { body: "created_at" }, unit: "seconds" },
  account: { body: "app_id" },
  handshakes: [unsignedAnswer("HEAD"), answerWhen("topic", "ping", () => fixedAnswer(200))],
  timeLimitMs: 5_000,
});
