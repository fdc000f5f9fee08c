import { defineReceiver, hmac, ignoreWhenHeader } from "../src/receiver/index.ts";

/**
 * Snyk: HMAC-SHA256 of the body in `X-Hub-Signature`. The event is `X-Snyk-Event` with its version, such as
 * `project_snapshot/v0`. A `ping/v0` is answered and reaches no handler.
 */
export const snyk = defineReceiver({
  name: "snyk",
  title: "Snyk",
  docs: "https://docs.snyk.io/snyk-api/using-specific-snyk-apis/webhooks-apis/webhooks",
  category: "source control and CI",
  confirmed: "documented",
  setup: "Create the webhook through Snyk's API with the URL and a secret of your own.",
  secretName: "the secret given when the webhook was created",
  eventNames: "`X-Snyk-Event`, such as `project_snapshot/v0`.",
  notes: ["The headers with event, delivery and time are not signed.", "Snyk calls the webhooks API a beta."],
  verify: hmac({ header: "X-Hub-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { header: "X-Snyk-Event" },
  deliveryId: { header: "X-Snyk-Transport-ID" },
  sentAt: { from: { header: "X-Snyk-Timestamp" }, unit: "iso" },
  account: { body: "org.id" },
  handshakes: [ignoreWhenHeader("X-Snyk-Event", "ping/v0")],
});
