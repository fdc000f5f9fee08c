import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Coinbase Commerce: HMAC-SHA256 of the body in `X-CC-Webhook-Signature`. The event is `event.type`, such as `charge:confirmed`. */
export const coinbaseCommerce = defineReceiver({
  name: "coinbase-commerce",
  title: "Coinbase Commerce",
  docs: "https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-security",
  category: "crypto",
  confirmed: "library",
  setup: "Under Settings, Notifications, add the URL as an endpoint and show the shared secret.",
  secretName: "the webhook shared secret",
  eventNames: "The body's `event.type`, such as `charge:created` or `charge:confirmed`.",
  notes: ["Coinbase repeats a delivery for up to three days; `attempt_number` counts from 1."],
  verify: hmac({ header: "X-CC-Webhook-Signature" }),
  events: { body: "event.type" },
  deliveryId: { body: "event.id" },
  retryNumber: { body: "attempt_number" },
  sentAt: { from: { body: "event.created_at" }, unit: "iso" },
});
