import { defineReceiver, fixedAnswer, hmac } from "../src/receiver/index.ts";

/**
 * Bitbucket Data Center and Server: HMAC-SHA256 of the body in `X-Hub-Signature`. The event is `X-Event-Key`. The connection test is
 * answered without a proof and reaches no handler.
 */
export const bitbucketServer = defineReceiver({
  name: "bitbucket-server",
  title: "Bitbucket Data Center",
  docs: "https://confluence.atlassian.com/bitbucketserver/managing-webhooks-938025878.html",
  category: "source control and CI",
  confirmed: "known",
  setup: "Under the repository's or project's settings, Webhooks, add the URL and enter a secret.",
  secretName: "the webhook's secret",
  eventNames: "`X-Event-Key`, such as `repo:refs_changed`, `pr:opened` or `pr:merged`.",
  notes: [
    "`X-Event-Key` and `X-Request-Id` are not signed, and no time is.",
    "A webhook without a secret is not signed and is refused. Not every version signs its connection test, so that is answered as it comes.",
    "Confirmed by go-playground/webhooks, `bitbucket-server`.",
  ],
  verify: hmac({ header: "X-Hub-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { header: "X-Event-Key" },
  deliveryId: { header: "X-Request-Id" },
  sentAt: { from: { body: "date" }, unit: "iso" },
  handshakes: [
    {
      proof: "none",
      method: "POST",
      answer: ({ headers }) => (headers.get("X-Event-Key") === "diagnostics:ping" ? fixedAnswer(200) : undefined),
    },
  ],
});
