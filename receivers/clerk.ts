import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Clerk: signed by Svix, in the `svix-*` headers. The event is the body's `type`. */
export const clerk = defineReceiver({
  name: "clerk",
  title: "Clerk",
  docs: "https://clerk.com/docs/guides/development/webhooks/syncing",
  category: "identity and HR",
  confirmed: "library",
  setup: "On the Webhooks page of the dashboard add an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `type`, such as `user.created` or `session.ended`.",
  verify: standardWebhooks({ headerPrefix: "svix" }),
  events: { body: "type" },
  deliveryId: { header: "svix-id" },
  sentAt: { from: { body: "timestamp" }, unit: "milliseconds" },
  account: { body: "instance_id" },
});
