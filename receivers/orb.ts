import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Orb: HMAC-SHA256 of `v1`, time and body in `X-Orb-Signature`. The time is ISO 8601 without a zone and means UTC. */
export const orb = defineReceiver({
  name: "orb",
  title: "Orb",
  docs: "https://docs.withorb.com/guides/integrations-and-exports/webhooks",
  category: "payments and billing",
  confirmed: "library",
  setup: "Add an endpoint under Developers, Webhooks; its signing secret is shown there.",
  secretName: "the endpoint's signing secret",
  eventNames: "The body's `type`, such as `customer.created` or `invoice.issued`.",
  notes: ["While a secret is rotated the header lists several `v1=` with spaces between, any of which may match."],
  verify: hmac({
    header: "X-Orb-Signature",
    signature: { form: "list", separator: " ", prefix: "v1=" },
    timestampHeader: "X-Orb-Timestamp",
    timeUnit: "iso",
    signed: "v1:{timestamp}:{body}",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "iso" },
});
