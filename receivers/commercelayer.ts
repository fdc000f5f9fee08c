import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Commerce Layer: HMAC-SHA256 of the body, in base64, in `X-CommerceLayer-Signature`. The event is `X-CommerceLayer-Topic`. */
export const commercelayer = defineReceiver({
  name: "commercelayer",
  title: "Commerce Layer",
  docs: "https://docs.commercelayer.io/core/callbacks-security",
  category: "commerce",
  confirmed: "known",
  setup: "Create a webhook in the dashboard or with the API, with this URL as `callback_url`; its `shared_secret` is in the answer.",
  secretName: "the webhook's shared secret",
  eventNames: "`X-CommerceLayer-Topic`, such as `orders.place` or `customers.create_password_reset`.",
  notes: [
    "The topic stands in a header that is not signed. No time is signed, and a delivery has no id: look at the resource before you act.",
    "Confirmed by atoms-studio/commercelayer-webhooks.",
  ],
  verify: hmac({ header: "X-CommerceLayer-Signature", encoding: "base64" }),
  events: { header: "X-CommerceLayer-Topic" },
});
