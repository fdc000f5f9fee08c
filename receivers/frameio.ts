import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Frame.io: HMAC-SHA256 of `v0`, time and body. The event is the body's `type`; there is no delivery id. */
export const frameio = defineReceiver({
  name: "frameio",
  title: "Frame.io",
  docs: "https://next.developer.frame.io/platform/docs/guides/webhooks",
  category: "content, forms, signing, files",
  confirmed: "documented",
  setup: "Create the webhook with the API or in the developer site's Webhooks; the signing secret is shown once, when it is created.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `type`, such as `file.created`, `asset.created` or `comment.completed`.",
  verify: hmac({
    header: "X-Frameio-Signature",
    signature: { form: "whole", prefix: "v0=" },
    timestampHeader: "X-Frameio-Request-Timestamp",
    signed: "v0:{timestamp}:{body}",
  }),
  events: { body: "type" },
  sentAt: { from: { header: "X-Frameio-Request-Timestamp" }, unit: "seconds" },
  account: { body: "account.id" },
  timeLimitMs: 5_000,
});
