import { defineReceiver, hmac, strongestOf, token } from "../src/receiver/index.ts";

/**
 * RevenueCat: HMAC-SHA256 of time and body in `X-RevenueCat-Webhook-Signature`, once it is switched on, or the
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
  secretName: "the webhook's signing secret, or the whole value of the authorization header",
  eventNames: "`event.type`, such as `INITIAL_PURCHASE` or `RENEWAL`; the dashboard's test sends `TEST`.",
  notes: [
    "Configure the signing secret, or the text that you set for `Authorization`, whichever you use. A signature, where there is one, decides.",
    "Every attempt is signed anew, so a late retry has a fresh time.",
  ],
  verify: strongestOf([
    {
      when: { header: "X-RevenueCat-Webhook-Signature" },
      scheme: hmac({
        header: "X-RevenueCat-Webhook-Signature",
        signature: { form: "pairs", timestamp: "t", signature: "v1" },
        signed: "{timestamp}.{body}",
      }),
    },
    { when: { header: "Authorization" }, scheme: token({ header: "Authorization" }) },
  ]),
  events: { body: "event.type" },
  deliveryId: { body: "event.id" },
  sentAt: { from: { body: "event.event_timestamp_ms" }, unit: "milliseconds" },
  account: { body: "event.app_id" },
});
