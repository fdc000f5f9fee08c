import { defineReceiver, listedHeaders } from "../src/receiver/index.ts";

/**
 * Hook0, the open-source sender: HMAC-SHA256 in `X-Hook0-Signature`, of time, listed headers and body (`v1`) or of time and
 * body (`v0`). The event is `X-Event-Type`.
 */
export const hook0 = defineReceiver({
  name: "hook0",
  title: "Hook0",
  docs: "https://documentation.hook0.com/tutorials/webhook-authentication",
  category: "standards",
  confirmed: "library",
  setup: "Create a subscription with the URL in the sender's Hook0; its secret is shown with it.",
  secretName: "the subscription's secret, a UUID used as text",
  eventNames: "`X-Event-Type`, as the sender names it: `billing.invoice.paid`.",
  notes: [
    "Event type and id are signed only where `v1` lists their headers in `h`; with `v0` only time and body are.",
    "A proxy that rewrites a header listed in `h` makes `v1` fail, and a failed `v1` is never made good by `v0`.",
  ],
  verify: listedHeaders({ header: "X-Hook0-Signature" }),
  body: { kinds: ["json", "text"] },
  events: { header: "X-Event-Type" },
  deliveryId: { header: "X-Event-Id" },
});
