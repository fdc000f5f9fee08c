import { defineReceiver, hmac, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/** ClickUp: HMAC-SHA256 of the body in `X-Signature`. The event is the body's `event`. */
export const clickup = defineReceiver({
  name: "clickup",
  title: "ClickUp",
  docs: "https://developer.clickup.com/docs/webhooksignature",
  category: "productivity",
  confirmed: "verifier",
  setup: "Create the webhook with `POST /api/v2/team/<team>/webhook`; the answer holds its secret.",
  secretName: "the webhook's `secret`",
  eventNames: "The body's `event`, such as `taskCreated`.",
  notes: [
    "The delivery id is made of webhook, history items and event, since one item may lead to several events.",
    "Events without a history, such as `taskDeleted`, have no delivery id. No time is signed.",
    "An answer of 410 makes ClickUp suspend the webhook.",
  ],
  verify: hmac({ header: "X-Signature" }),
  events: { body: "event" },
  deliveryId: deliveryIdOf,
  account: { body: "team_id" },
  timeLimitMs: 7_000,
  sample: (event, deliveryId) => ({
    body: { history_items: [{ id: deliveryId }], ...(event === undefined ? {} : { event }) },
  }),
});

/** The webhook's id alone says nothing about the delivery. */
function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const items = valuesAt(data, "history_items.*.id");
  return items.length === 0 ? undefined : [...valuesAt(data, "webhook_id"), ...items, ...valuesAt(data, "event")].join(":");
}
