import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** SafeBase: signed by Svix, under either of its header names. The body does not name the event in SafeBase's own examples. */
export const safebase = defineReceiver({
  name: "safebase",
  title: "SafeBase",
  docs: "https://www.svix.com/event-types/us/org_2Lmnm325Gqjzoty7vhdMgL1HOxh",
  category: "identity and HR",
  confirmed: "documented",
  setup: "In the Trust Center's settings open the webhooks and add an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `type`, where it has one; SafeBase's list has names such as `accessRequest.requested`.",
  notes: [
    "A delivery without `type` is accepted without event. An endpoint for each event, and an id for each endpoint, tell them apart.",
    "SafeBase does not document the names of the three headers, so both `svix-*` and `webhook-*` are accepted; the first that a request uses decides.",
  ],
  verify: standardWebhooks({ headerPrefix: ["webhook", "svix"] }),
  events: { body: "type" },
  eventRequired: false,
  deliveryId: { firstOf: [{ header: "webhook-id" }, { header: "svix-id" }] },
});
