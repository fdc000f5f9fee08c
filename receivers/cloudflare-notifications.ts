import { defineReceiver, fixedAnswer, type HandshakeAnswer, token, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Cloudflare Notifications: the webhook's secret as it is in `cf-webhook-auth`. The event is the body's `alert_type`. The
 * message that tests a new webhook has none, and no `data`; it is answered.
 */
export const cloudflareNotifications = defineReceiver({
  name: "cloudflare-notifications",
  title: "Cloudflare Notifications",
  docs: "https://developers.cloudflare.com/notifications/get-started/configure-webhooks/",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup: "Under Notifications, Destinations add a webhook with the URL and a secret, then choose it in notification policies.",
  secretName: "the webhook's secret",
  eventNames: "The body's `alert_type`, such as `dos_attack_l4` or `http_alert_origin_error`.",
  notes: [
    "The secret proves nothing of the body: ask Cloudflare's API about an alert before you act on it.",
    "There is no delivery id: `alert_correlation_id` is shared by the alerts that belong together.",
    "A generic webhook is read; for the URLs of some services Cloudflare sends their own forms.",
  ],
  verify: token({ header: "cf-webhook-auth" }),
  events: { body: "alert_type" },
  eventRequired: false,
  sentAt: { from: { body: "ts" }, unit: "seconds" },
  account: { body: "account_id" },
  handshakes: [{ proof: "scheme", method: "POST", answer: answerTest }],
});

function answerTest({ data }: VerifiedRequest): HandshakeAnswer | undefined {
  return [...valuesAt(data, "alert_type"), ...valuesAt(data, "data")].length === 0 ? fixedAnswer(200) : undefined;
}
