import { defineReceiver, hmac, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * QuickBooks Online: HMAC-SHA256 of the body in `intuit-signature`, keyed with the verifier token. The body is a list of
 * CloudEvents, named by their `type`; in the older form the event is entity and operation, such as `Customer.Create`.
 */
export const quickbooks = defineReceiver({
  name: "quickbooks",
  title: "QuickBooks Online",
  docs: "https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks",
  category: "payments and billing",
  confirmed: "verifier",
  setup: "In the app's page of the developer portal, Webhooks, enter the URL and show the verifier token.",
  secretName: "the verifier token",
  eventNames: "The `type` of each CloudEvent, such as `qbo.customer.created.v1`; in the older form `Customer.Create`.",
  notes: [
    "A delivery may carry events of several companies.",
    "Only a delivery of a single CloudEvent has an identifier.",
    "Deliveries name what changed and carry no record: fetch it from the API.",
  ],
  verify: hmac({ header: "intuit-signature", encoding: "base64" }),
  events: {
    firstOf: [
      { body: "type" },
      { body: "*.type" },
      { each: "eventNotifications.*.dataChangeEvent.entities.*", joined: ["name", "operation"] },
    ],
  },
  deliveryId: deliveryIdOf,
  timeLimitMs: 3_000,
  sample: (event, id) => ({ body: { id, ...(event === undefined ? {} : { type: event }) } }),
});

/** The id of the one event: what of a batch comes again in another is not known. */
function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const [first, ...more] = valuesAt(listOf(data), "*.id");
  return typeof first === "string" && more.length === 0 ? first : undefined;
}

function listOf(data: unknown): readonly unknown[] {
  return Array.isArray(data) ? data : [data];
}
