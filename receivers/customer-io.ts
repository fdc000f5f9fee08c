import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Customer.io, reporting webhooks: HMAC-SHA256 of `v0`, time and body in `X-CIO-Signature`. The event is `object_type` and `metric`. */
export const customerIo = defineReceiver({
  name: "customer-io",
  title: "Customer.io",
  docs: "https://docs.customer.io/integrations/api/webhooks/",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "Add a reporting webhook under Integrations; its signing key is shown on its page.",
  secretName: "the reporting webhook's signing key",
  eventNames: "`object_type` and `metric`, such as `email.delivered` or `customer.subscribed`.",
  verify: hmac({
    header: "X-CIO-Signature",
    timestampHeader: "X-CIO-Timestamp",
    signed: "v0:{timestamp}:{body}",
  }),
  events: { joined: [{ body: "object_type" }, { body: "metric" }] },
  deliveryId: { body: "event_id" },
  sentAt: { from: { body: "timestamp" }, unit: "seconds" },
});
