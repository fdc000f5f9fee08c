import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** CircleCI: HMAC-SHA256 of the body as `v1` in `circleci-signature`; other versions beside it are not looked at. The event is the body's `type`. */
export const circleci = defineReceiver({
  name: "circleci",
  title: "CircleCI",
  docs: "https://circleci.com/docs/guides/integration/outbound-webhooks/",
  category: "source control and CI",
  confirmed: ["verifier", "documented"],
  setup: "Under the project's settings, Webhooks, add the URL and enter a secret token.",
  secretName: "the webhook's secret token",
  eventNames: "The body's `type`: `workflow-completed`, `job-completed` or, for a test, `ping`.",
  notes: ["CircleCI may send an event more than once; its `id` stays the same."],
  verify: hmac({ header: "circleci-signature", signature: { form: "pairs", signature: "v1" } }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "happened_at" }, unit: "iso" },
  account: { body: "organization.id" },
  timeLimitMs: 5_000,
});
