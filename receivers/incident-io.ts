import { defineReceiver, standardWebhooks } from "../src/receiver/index.ts";

/** incident.io: Standard Webhooks, sent by Svix. The event is the body's `event_type`. */
export const incidentIo = defineReceiver({
  name: "incident-io",
  title: "incident.io",
  docs: "https://docs.incident.io/integrations/webhooks",
  category: "monitoring and dev tools",
  confirmed: "verifier",
  setup: "Under Settings, Webhooks, add an endpoint with the URL; its signing secret is on its page.",
  secretName: "the endpoint's signing secret, `whsec_…`",
  eventNames: "The body's `event_type`, such as `public_incident.incident_created_v2`.",
  notes: [
    "Events about private incidents carry an id only; ask the API for the rest.",
    "Retries go on for 24 hours; an endpoint that fails for five days is disabled.",
  ],
  verify: standardWebhooks(),
  events: { body: "event_type" },
  deliveryId: { header: "webhook-id" },
});
