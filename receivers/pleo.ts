import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Pleo: signed by Svix, under either of its header names. The event is the body's `eventType`. */
export const pleo = defineReceiver({
  name: "pleo",
  title: "Pleo",
  docs: "https://developers.pleo.io/reference/overview-webhooks",
  category: "payments and billing",
  confirmed: "documented",
  setup: "Register a subscription with the URL with Pleo's API; it also gives the signing secret.",
  secretName: "the subscription's signing secret, `whsec_…`",
  eventNames: "The body's `eventType`, such as `v1.export-job.created`, else its `type`.",
  notes: [
    "Pleo's examples show the `webhook-*` headers, Svix sends `svix-*` unless told otherwise: either will do, and the first that a request uses decides.",
    "A delivery with neither member is accepted without event.",
  ],
  verify: standardWebhooks({ headerPrefix: ["svix", "webhook"] }),
  events: { firstOf: [{ body: "eventType" }, { body: "type" }] },
  eventRequired: false,
  deliveryId: { firstOf: [{ header: "svix-id" }, { header: "webhook-id" }] },
  account: { body: "data.companyId" },
});
