import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** ImageKit: HMAC-SHA256 of time in milliseconds and body. The secret `whsec_…` is the key as it stands, not decoded. */
export const imagekit = defineReceiver({
  name: "imagekit",
  title: "ImageKit",
  docs: "https://imagekit.io/docs/webhooks",
  category: "content, forms, signing, files",
  confirmed: "library",
  setup: "Create a webhook under Developer options, Webhooks on the dashboard; its secret is shown there.",
  secretName: "the webhook's secret",
  eventNames: "The body's `type`, such as `video.transformation.ready`.",
  notes: [
    "ImageKit's older library does not look at the signed time; here it may be five minutes old.",
    "Its newer library expects the headers of Standard Webhooks: where these come, use the receiver `standard-webhooks`.",
  ],
  verify: hmac({
    header: "x-ik-signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
    timeUnit: "milliseconds",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
});
