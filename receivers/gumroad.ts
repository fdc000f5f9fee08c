import { defineReceiver, unproven, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Gumroad: it signs nothing, so a code of your own stands in the URL as `?code=…`. The event is the `resource_name`; a ping
 * without one is a `sale`.
 */
export const gumroad = defineReceiver({
  name: "gumroad",
  title: "Gumroad",
  docs: "https://gumroad.com/ping",
  category: "social, media and creators",
  confirmed: "documented",
  setup:
    "Enter the URL with `?code=` and a random code as Ping endpoint under Settings, Advanced, or with `PUT /v2/resource_subscriptions`.",
  secretName: "the code in the URL; Gumroad gives out no secret",
  eventNames: "`resource_name`: `sale`, `refund`, `dispute`, `dispute_won`, `cancellation`, `subscription_updated`, …",
  notes: [
    "Nothing is signed: compare `seller_id` and read the sale again with `GET /v2/sales/:id`.",
    "Only a sale has an identifier that is its own; refunds and the rest repeat that of their sale. Test pings have `test`.",
  ],
  verify: unproven(),
  secretBytes: { min: 32 },
  body: "form",
  events: { firstOf: [{ body: "resource_name" }, { value: "sale" }] },
  deliveryId: deliveryIdOf,
  sentAt: { from: { body: "sale_timestamp" }, unit: "iso" },
  account: { body: "seller_id" },
  sample: (event, id) => ({ body: { ...(event === undefined ? {} : { resource_name: event }), sale_id: id } }),
});

function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const [id] = valuesAt(data, "sale_id");
  const [event = "sale"] = valuesAt(data, "resource_name");
  return event === "sale" && typeof id === "string" && id !== "" ? id : undefined;
}
