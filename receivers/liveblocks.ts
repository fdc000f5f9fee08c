import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Liveblocks: Standard Webhooks. The event is the body's `type`. */
export const liveblocks = defineReceiver({
  name: "liveblocks",
  title: "Liveblocks",
  docs: "https://liveblocks.io/docs/platform/webhooks",
  category: "productivity",
  confirmed: "library",
  setup: "On the Webhooks page of the project in the dashboard create an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `type`, such as `commentCreated` or `storageUpdated`.",
  verify: standardWebhooks(),
  events: { body: "type" },
  deliveryId: { header: "webhook-id" },
  account: { body: "data.projectId" },
});
