import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Doppler: HMAC-SHA256 of the body in `X-Doppler-Signature`. The event is the body's `type`; a payload of your own may have none. */
export const doppler = defineReceiver({
  name: "doppler",
  title: "Doppler",
  docs: "https://docs.doppler.com/docs/webhooks",
  category: "monitoring and dev tools",
  confirmed: "verifier",
  setup: "In the project, Webhooks, add the URL and enter a signing secret.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `type`, such as `config.secrets.update`.",
  notes: [
    "Doppler signs only where a secret is entered.",
    "A payload entered at Doppler replaces the default one, and with it the event.",
    "A delivery has no identifier, so a redelivery cannot be told from a new one.",
  ],
  verify: hmac({ header: "X-Doppler-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { body: "type" },
  eventRequired: false,
  account: { body: "workplace.id" },
});
