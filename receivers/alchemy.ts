import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Alchemy, webhooks of Notify: HMAC-SHA256 of the body in `X-Alchemy-Signature`. The event is the body's `type`. */
export const alchemy = defineReceiver({
  name: "alchemy",
  title: "Alchemy",
  docs: "https://www.alchemy.com/docs/reference/notify-api-quickstart",
  category: "crypto",
  confirmed: "known",
  setup: "Create a webhook in the dashboard with this URL; its signing key is on the webhook's page.",
  secretName: "the webhook's signing key",
  eventNames: "The body's `type`, such as `ADDRESS_ACTIVITY`, `NFT_ACTIVITY` or `GRAPHQL`.",
  notes: [
    "The signing key is not the account's auth token. No time is signed.",
    "Confirmed by Hookdeck's `alchemy-webhooks` and several public receivers.",
  ],
  verify: hmac({ header: "X-Alchemy-Signature" }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "createdAt" }, unit: "iso" },
  account: { body: "webhookId" },
});
