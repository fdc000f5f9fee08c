import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * ConfigCat: HMAC-SHA256 of id, time and body in `X-ConfigCat-Webhook-Signature-V1`, one for each signing key. Method and
 * body are what the webhook is set up with, so the event has no name: it is always `change`.
 */
export const configcat = defineReceiver({
  name: "configcat",
  title: "ConfigCat",
  docs: "https://configcat.com/docs/advanced/notifications-webhooks/",
  category: "monitoring and dev tools",
  confirmed: "verifier",
  setup:
    "Add the URL on the Webhooks page of the product and create a signing key there; choose POST and a JSON body to learn what changed.",
  secretName: "a webhook signing key",
  eventNames: "Always `change`, since the body is yours to write.",
  notes: ["A GET without a body says only that something changed.", "While two keys are in use the header lists a signature of each."],
  verify: hmac({
    header: "X-ConfigCat-Webhook-Signature-V1",
    signature: { form: "list" },
    encoding: "base64",
    timestampHeader: "X-ConfigCat-Webhook-Timestamp",
    signed: "{header:X-ConfigCat-Webhook-ID}{timestamp}{body}",
  }),
  methods: ["POST", "GET", "PUT"],
  body: { kinds: ["json", "form", "any"], mayBeEmpty: true },
  events: { value: "change" },
  deliveryId: { header: "X-ConfigCat-Webhook-ID" },
});
