import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Pulumi Cloud: HMAC-SHA256 of the body in `Pulumi-Webhook-Signature`. The event is `Pulumi-Webhook-Kind`, such as `stack_update`. */
export const pulumi = defineReceiver({
  name: "pulumi",
  title: "Pulumi Cloud",
  docs: "https://www.pulumi.com/docs/deployments/webhooks/",
  category: "source control and CI",
  confirmed: "documented",
  setup: "Under the organization's or stack's settings, Webhooks, add the URL in the format `raw` and enter a secret.",
  secretName: "the webhook's secret",
  eventNames: "`Pulumi-Webhook-Kind`, such as `stack_update`, `deployment` or, for a test, `ping`.",
  notes: ["Pulumi signs only where a secret is entered.", "The headers with event and delivery are not signed."],
  verify: hmac({ header: "Pulumi-Webhook-Signature" }),
  events: { header: "Pulumi-Webhook-Kind" },
  deliveryId: { header: "Pulumi-Webhook-ID" },
  account: { body: "organization.githubLogin" },
});
