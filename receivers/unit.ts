import { defineReceiver, hmac, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/** Unit: HMAC-SHA1 of the body in `X-Unit-Signature`. A delivery carries a list of events, named by the `type` of each. */
export const unit = defineReceiver({
  name: "unit",
  title: "Unit",
  docs: "https://www.unit.co/docs/api/webhooks/",
  category: "payments and billing",
  confirmed: "documented",
  setup: "In the dashboard, Developer, Webhooks, create a webhook with the URL and enter a token.",
  secretName: "the webhook's token",
  eventNames: "The `type` of each event in `data`, such as `customer.created` or `transaction.created`.",
  notes: [
    "Unit signs only where a token is entered.",
    "Only a delivery of a single event has an identifier; a batch names each of its events.",
  ],
  verify: hmac({ header: "X-Unit-Signature", hash: "sha1", encoding: "base64" }),
  events: { body: "data.*.type" },
  deliveryId: deliveryIdOf,
  sample: (event, id) => ({ body: { data: [{ id, ...(event === undefined ? {} : { type: event }) }] } }),
});

/** The id of the one event: what of a batch comes again in another is not known. */
function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const [first, ...more] = valuesAt(data, "data.*.id");
  return typeof first === "string" && more.length === 0 ? first : undefined;
}
