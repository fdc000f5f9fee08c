import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Anthropic: Standard Webhooks. The event is `data.type`, since the body's own `type` is always `event`. */
export const anthropic = defineReceiver({
  name: "anthropic",
  title: "Anthropic",
  docs: "https://platform.claude.com/docs/en/managed-agents/webhooks",
  category: "AI",
  confirmed: "library",
  setup: "In the Console, Manage, Webhooks, add an endpoint with the URL; its signing secret is shown once.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "`data.type` in the body, such as `session.status_idled` or `vault_credential.refresh_failed`.",
  notes: ["The body is thin: ask Anthropic's API for what `data.id` names."],
  verify: standardWebhooks(),
  events: { body: "data.type" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { body: "data.organization_id" },
});
