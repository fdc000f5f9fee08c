import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * LaunchDarkly: HMAC-SHA256 of the body in `X-LD-Signature`. An entry of the audit log of the kind `flag` that turns a flag
 * on is both `flag` and `flag.updateOn`; the words for it are in `titleVerb`.
 */
export const launchdarkly = defineReceiver({
  name: "launchdarkly",
  title: "LaunchDarkly",
  docs: "https://launchdarkly.com/docs/home/infrastructure/webhooks",
  category: "monitoring and dev tools",
  confirmed: "verifier",
  setup: "Under the organization's settings, Integrations, Webhooks, enter the URL, and check that the webhook is to be signed.",
  secretName: "the webhook's secret",
  eventNames: "The body's `kind`, and the kind with each action of `accesses`: `flag` and `flag.updateOn`.",
  notes: ["LaunchDarkly signs only where that is checked.", "Deliveries may come out of order; `sentAt` is the entry's `date`."],
  verify: hmac({ header: "X-LD-Signature" }),
  events: { name: { body: "kind" }, narrowedBy: { body: "accesses.*.action" } },
  deliveryId: { body: "_id" },
  sentAt: { from: { body: "date" }, unit: "milliseconds" },
});
