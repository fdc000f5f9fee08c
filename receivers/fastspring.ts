import { defineReceiver, hmac, valuesAt } from "../src/receiver/index.ts";

/** FastSpring: HMAC-SHA256 of the body in `X-FS-Signature`, base64. One request carries several events, each with an id. */
export const fastspring = defineReceiver({
  name: "fastspring",
  title: "FastSpring",
  docs: "https://developer.fastspring.com/reference/message-security",
  category: "payments and billing",
  confirmed: "documented",
  setup: "In the FastSpring App under Integrations, Webhooks: add the URL and fill in the field HMAC SHA256 Secret.",
  secretName: "the HMAC SHA256 secret that was entered at FastSpring",
  eventNames: "`type` of each event, such as `order.completed`.",
  notes: [
    "Without a secret at FastSpring nothing is signed, and every request is refused.",
    "The delivery id is made of the ids of all events. To have only some of them sent again, answer 202 with the ids of the processed ones, one a line.",
  ],
  verify: hmac({ header: "X-FS-Signature", encoding: "base64" }),
  events: { body: "events.*.type" },
  deliveryId: ({ data }) => valuesAt(data, "events.*.id").join("+") || undefined,
  sentAt: { from: { body: "events.*.created" }, unit: "milliseconds" },
  sample: (event, deliveryId) => ({ body: { events: [{ id: deliveryId, ...(event === undefined ? {} : { type: event }) }] } }),
});
