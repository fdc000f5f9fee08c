import { answerWhenEmpty, defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Xero: HMAC-SHA256 of the body in `x-xero-signature`. A delivery carries a list of events, each named by category and type,
 * such as `INVOICE.UPDATE`. An empty list is the intent to receive: Xero sends some with wrong signatures and wants 401.
 */
export const xero = defineReceiver({
  name: "xero",
  title: "Xero",
  docs: "https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/",
  category: "payments and billing",
  confirmed: ["verifier", "known"],
  setup: "In the app's page of the developer portal, Webhooks, enter the URL and copy the webhooks key; then start the validation.",
  secretName: "the webhooks key",
  eventNames: "Category and type with a dot between them: `INVOICE.CREATE`, `CONTACT.UPDATE`.",
  notes: [
    "Xero wants answers without a body and without cookies, so both are taken off a handler's response.",
    "The events of one delivery may belong to several tenants, and have no identifier.",
  ],
  verify: hmac({ header: "x-xero-signature", encoding: "base64" }),
  events: { each: "events.*", joined: ["eventCategory", "eventType"] },
  handshakes: [answerWhenEmpty("events")],
  refusal: { status: 401 },
  shapeAnswer: ({ status }) => ({ status }),
  timeLimitMs: 5_000,
});
