import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Acuity Scheduling: HMAC-SHA256 of the form as sent, with an API key. The event is the field `action`. */
export const acuity = defineReceiver({
  name: "acuity",
  title: "Acuity Scheduling",
  docs: "https://developers.acuityscheduling.com/docs/webhooks",
  category: "productivity",
  confirmed: "verifier",
  setup: "Enter the URL under Integrations, Webhooks, or create a webhook with the API. The API key stands under Integrations, API.",
  secretName: "the main admin's API key; for webhooks made with the API, the key of the user who made them",
  eventNames:
    "The field `action`: `scheduled`, `canceled`, `order.completed`; with the prefix `appointment.` for webhooks made with the API.",
  notes: [
    "A delivery names ids only: read the appointment with the API.",
    "There is no delivery id: `id` is the appointment's and comes back with each of its events.",
  ],
  verify: hmac({ header: "X-Acuity-Signature", encoding: "base64" }),
  body: "form",
  events: { body: "action" },
});
