import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Seam: signed by Svix, in the `svix-*` headers. The event is the body's `event_type`. */
export const seam = defineReceiver({
  name: "seam",
  title: "Seam",
  docs: "https://docs.seam.co/latest/developer-tools/webhooks",
  category: "health, mobility, devices",
  confirmed: "library",
  setup: "In the Console, Developer, Webhooks, add the URL; the webhook's secret is on its page.",
  secretName: "the webhook's secret, `whsec_…`",
  eventNames: "The body's `event_type`, such as `lock.unlocked` or `device.connected`.",
  verify: standardWebhooks({ headerPrefix: "svix" }),
  events: { body: "event_type" },
  deliveryId: { header: "svix-id" },
  sentAt: { from: { body: "occurred_at" }, unit: "iso" },
  account: { body: "workspace_id" },
});
