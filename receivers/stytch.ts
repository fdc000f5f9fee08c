import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Stytch: signed by Svix, in the `svix-*` headers. The event is the body's `object_type` and `action`. */
export const stytch = defineReceiver({
  name: "stytch",
  title: "Stytch",
  docs: "https://stytch.com/docs/guides/dashboard/webhooks",
  category: "identity and HR",
  confirmed: "verifier",
  setup: "On the Webhooks page of the dashboard add an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `object_type` and `action`, such as `user.CREATE`. Case does not matter to filters.",
  verify: standardWebhooks({ headerPrefix: "svix" }),
  events: { joined: [{ body: "object_type" }, { body: "action" }] },
  deliveryId: { header: "svix-id" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  account: { body: "project_id" },
});
