import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** Vanta: signed by Svix, in the `svix-*` headers. The event is the body's `type`, where it has one. */
export const vanta = defineReceiver({
  name: "vanta",
  title: "Vanta",
  docs: "https://developer.vanta.com/docs/webhooks",
  category: "identity and HR",
  confirmed: ["verifier", "documented"],
  setup: "Under Settings, Webhooks, add an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `type`, of the form `v1.<domain>.<entity>.<action>`.",
  notes: [
    "Vanta's pages do not say where the body names the event. A delivery without `type` is accepted without event; an endpoint for each event, and an id for each endpoint, tell them apart.",
  ],
  verify: standardWebhooks({ headerPrefix: "svix" }),
  events: { body: "type" },
  eventRequired: false,
  deliveryId: { header: "svix-id" },
  timeLimitMs: 15_000,
});
