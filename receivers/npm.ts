import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** npm registry hooks: HMAC-SHA256 of the body in `x-npm-signature`. The event is the body's `event`, such as `package:publish`. */
export const npm = defineReceiver({
  name: "npm",
  title: "npm registry hooks",
  docs: "https://github.com/npm/registry/blob/main/docs/hooks/endpoints.md",
  category: "source control and CI",
  confirmed: "verifier",
  setup: "Create the hook with `npm hook add <package> <url> <secret>`.",
  secretName: "the hook's secret",
  eventNames: "The body's `event`, such as `package:publish` or `package:owner`.",
  notes: ["The service is retired for most users.", "A delivery has no identifier, so a redelivery cannot be told from a new one."],
  verify: hmac({ header: "x-npm-signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { body: "event" },
  sentAt: { from: { body: "time" }, unit: "milliseconds" },
  account: { body: "hookOwner.username" },
});
