import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Mux: HMAC-SHA256 of time and body in `Mux-Signature`. The event is the body's `type`. */
export const mux = defineReceiver({
  name: "mux",
  title: "Mux",
  docs: "https://www.mux.com/docs/core/verify-webhook-signatures",
  category: "content, forms, signing, files",
  confirmed: "library",
  setup: "Create the webhook under Settings, Webhooks of the environment; its signing secret is shown there.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `type`, such as `video.asset.ready`.",
  verify: hmac({
    header: "Mux-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
  account: { body: "environment.id" },
});
