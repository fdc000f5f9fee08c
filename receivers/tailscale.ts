import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Tailscale: HMAC-SHA256 of time and body in `Tailscale-Webhook-Signature`. The body is a list of events, each with a `type`. */
export const tailscale = defineReceiver({
  name: "tailscale",
  title: "Tailscale",
  docs: "https://tailscale.com/kb/1213/webhooks",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup: "Add an endpoint on the Webhooks page of the admin console's settings; the secret is shown once, when it is created or rotated.",
  secretName: "the endpoint's secret",
  eventNames: "Each item's `type`, such as `nodeCreated` or `policyUpdate`; the console's test sends `test`.",
  notes: ["A delivery has no id, and one body may carry several events."],
  verify: hmac({
    header: "Tailscale-Webhook-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "*.type" },
  sentAt: { from: { body: "*.timestamp" }, unit: "iso" },
  account: { body: "*.tailnet" },
});
