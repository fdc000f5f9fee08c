import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Resend: signed by Svix, in the `svix-*` headers. The event is the body's `type`. */
export const resend = defineReceiver({
  name: "resend",
  title: "Resend",
  docs: "https://resend.com/docs/webhooks/verify-webhooks-requests",
  category: "e-mail and marketing",
  confirmed: "library",
  setup: "On the Webhooks page of the dashboard add the URL; the signing secret is on the webhook's page.",
  secretName: "the webhook's signing secret, `whsec_…`",
  eventNames: "The body's `type`, such as `email.delivered` or `email.bounced`.",
  verify: standardWebhooks({ headerPrefix: "svix" }),
  events: { body: "type" },
  deliveryId: { header: "svix-id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
});
