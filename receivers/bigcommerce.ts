import { base64OrTextSecret, defineReceiver, headerSetting, standardWebhooks, token } from "../src/receiver/index.ts";

/**
 * BigCommerce: Standard Webhooks, signed with the app's client secret; or, if set, a token of your own in a header of your
 * own. The event is the body's `scope`.
 */
export const bigcommerce = defineReceiver({
  name: "bigcommerce",
  title: "BigCommerce",
  docs: "https://developer.bigcommerce.com/docs/integrations/webhooks",
  category: "commerce",
  confirmed: "documented",
  setup:
    "Create the webhook with the URL as `destination` with `POST /v3/hooks`; the client secret is shown with the app or API account that does so.",
  secretName: "the client secret of the app, or the token where `tokenHeader` is set",
  eventNames: "The body's `scope`, such as `store/order/statusUpdated`.",
  notes: [
    "How the client secret becomes the key is not documented in a form that could be checked. It is used as text; write `whsec_` before it to have it read as base64.",
    "The body is thin: ask BigCommerce's API for what `data.id` names.",
    "An answer other than 2xx is retried; a webhook that keeps failing is deactivated, and its domain blocked for some minutes.",
  ],
  settings: {
    tokenHeader: headerSetting({
      about:
        "The header in which you had BigCommerce send a token, under `headers` when you created a webhook that is not signed. It proves nothing about the body.",
    }),
  },
  verify: ({ tokenHeader }) =>
    tokenHeader === undefined ? standardWebhooks({ secret: base64OrTextSecret("whsec_") }) : token({ header: tokenHeader }),
  events: { body: "scope" },
  deliveryId: { firstOf: [{ header: "webhook-id" }, { body: "hash" }] },
  sentAt: { from: { body: "created_at" }, unit: "seconds" },
  account: { body: "producer" },
});
