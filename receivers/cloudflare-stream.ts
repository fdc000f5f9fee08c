import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Cloudflare Stream: HMAC-SHA256 of time and body in `Webhook-Signature`. The event is the state of the video, `status.state`. */
export const cloudflareStream = defineReceiver({
  name: "cloudflare-stream",
  title: "Cloudflare Stream",
  docs: "https://developers.cloudflare.com/stream/manage-video-library/using-webhooks/",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup: "Set the URL with a PUT to the account's `stream/webhook` in Cloudflare's API; the answer holds the secret.",
  secretName: "the webhook's secret",
  eventNames: "The video's state: `ready` or `error`.",
  notes: [
    "`uid` names the video and not the delivery, so a redelivery is not recognized.",
    "Cloudflare names no tolerance for the signed time; five minutes is our choice.",
  ],
  verify: hmac({
    header: "Webhook-Signature",
    signature: { form: "pairs", timestamp: "time", signature: "sig1" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "status.state" },
});
