import { choiceSetting, defineReceiver, hmac, token } from "../src/receiver/index.ts";

/**
 * RevenueCat: HMAC-SHA256 of time and body in `X-RevenueCat-Webhook-Signature`, once it is switched on; or, by setting, the
 * `Authorization` that you chose. The event is `event.type`.
 */
export const revenuecat = defineReceiver({
  name: "revenuecat",
  title: "RevenueCat",
  docs: "https://www.revenuecat.com/docs/integrations/webhooks",
  category: "social, media and creators",
  confirmed: "documented",
  setup:
    "Add a webhook under Integrations in the project and switch on its signature; without one, enter a long random authorization header.",
  secretName: 'the webhook\'s signing secret; with `proof: "authorization"` the whole value of the authorization header',
  eventNames: "`event.type`, such as `INITIAL_PURCHASE` or `RENEWAL`; the dashboard's test sends `TEST`.",
  notes: [
    "One of the two is asked and the other ignored: a request without a signature is never taken for its `Authorization`.",
    "Every attempt is signed anew, so a late retry has a fresh time.",
  ],
  settings: {
    proof: choiceSetting(["signature", "authorization"], {
      about: "What proves a request: its signature, or the authorization header that you set, which says nothing about the body.",
      default: "signature",
    }),
  },
  verify: ({ proof }) =>
    proof === "authorization"
      ? token({ header: "Authorization" })
      : hmac({
          header: "X-RevenueCat-Webhook-Signature",
          signature: { form: "pairs", timestamp: "t", signature: "v1" },
          signed: "{timestamp}.{body}",
        }),
  events: { body: "event.type" },
  deliveryId: { body: "event.id" },
  sentAt: { from: { body: "event.event_timestamp_ms" }, unit: "milliseconds" },
  account: { body: "event.app_id" },
});
