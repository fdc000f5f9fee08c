import { basic, defineReceiver, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/** Pipedrive webhooks v2: basic credentials of the webhook. The event is the action and the entity: `create.deal`. */
export const pipedrive = defineReceiver({
  name: "pipedrive",
  title: "Pipedrive",
  docs: "https://pipedrive.readme.io/docs/guide-for-webhooks-v2",
  category: "support and CRM",
  confirmed: "documented",
  setup: "Under Settings, Tools and apps, Webhooks add the URL with an HTTP auth user and password, version 2.",
  secretName: "the HTTP auth user and password as `user:password`",
  eventNames: "`meta.action` and `meta.entity`: `create.deal`, `change.person`, `delete.activity`; of version 1 `added.deal`.",
  notes: [
    "The credentials are optional at Pipedrive, and a webhook without them is refused. They prove nothing of the body.",
    "The number of the retry is `meta.attempt`, which counts from 1.",
    "Version 1 has no delivery id: its `meta.id` is that of the deal or person.",
  ],
  verify: basic(),
  events: { joined: [{ body: "meta.action" }, { firstOf: [{ body: "meta.entity" }, { body: "meta.object" }] }] },
  deliveryId: deliveryIdOf,
  retryNumber: { body: "meta.attempt" },
  sentAt: { from: { body: "meta.timestamp" }, unit: "iso" },
  account: { body: "meta.company_id" },
  sample: (_event, deliveryId) => ({ body: { meta: { version: "2.0", id: deliveryId } } }),
});

function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const [version] = valuesAt(data, "meta.version");
  const [id] = valuesAt(data, "meta.id");
  return version === "2.0" && typeof id === "string" ? id : undefined;
}
