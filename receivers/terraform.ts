import { answerWhen, defineReceiver, fixedAnswer, hmac } from "../src/receiver/index.ts";

/**
 * HCP Terraform and Terraform Enterprise: HMAC-SHA512 of the body in `X-TFE-Notification-Signature`. The events are the triggers, such
 * as `run:completed`. The verification of a new destination is answered and reaches no handler.
 */
export const terraform = defineReceiver({
  name: "terraform",
  title: "HCP Terraform",
  docs: "https://developer.hashicorp.com/terraform/cloud-docs/api-docs/notification-configurations",
  category: "source control and CI",
  confirmed: "known",
  setup: "Under a workspace's settings, Notifications, create a webhook with this URL and a token.",
  secretName: "the notification's token",
  eventNames: "Each notification's `trigger`, such as `run:created`, `run:completed` or `assessment:drifted`.",
  notes: [
    "A notification without a token is not signed and is refused. No time is signed, and a delivery has no id.",
    "Confirmed by HashiCorp's page on notifications and the Terraform integration of port-labs/ocean.",
  ],
  verify: hmac({ header: "X-TFE-Notification-Signature", hash: "sha512" }),
  events: { body: "notifications.*.trigger" },
  sentAt: { from: { body: "notifications.*.run_updated_at" }, unit: "iso" },
  account: { body: "organization_name" },
  handshakes: [answerWhen("notifications.*.trigger", "verification", () => fixedAnswer(200))],
});
