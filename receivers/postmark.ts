import { choiceSetting, credential, defineReceiver, headerSetting, readSource, type VerifiedRequest } from "../src/receiver/index.ts";

/**
 * Postmark: the credentials in the webhook's URL, or, by setting, a custom header. The event is the body's `RecordType`, and
 * `Inbound` for an incoming message, which has none.
 */
export const postmark = defineReceiver({
  name: "postmark",
  title: "Postmark",
  docs: "https://postmarkapp.com/developer/webhooks/webhooks-overview",
  category: "e-mail and marketing",
  confirmed: "verifier",
  setup: "Under the message stream's Webhooks add the URL with basic authentication or a custom header; for inbound streams, in the URL.",
  secretName: 'user and password as `user:password`; with `authentication: "header"` the value of the header',
  eventNames: "`RecordType`: `Delivery`, `Bounce`, `SpamComplaint`, `Open`, `Click`, `SubscriptionChange`; else `Inbound`.",
  notes: [
    "Neither proves anything of the body. Postmark publishes its addresses for a firewall.",
    "Only bounces, complaints and incoming messages have a delivery id: `MessageID` is shared by all events of a message.",
    "A handler that answers 403 ends the retries.",
  ],
  settings: {
    authentication: choiceSetting(["basic", "header"], { about: "What the webhook is set up to send.", default: "basic" }),
    header: headerSetting({ about: "The custom header with the secret.", default: "X-Webhook-Secret" }),
  },
  verify: ({ authentication, header }) => credential(authentication, { header }),
  events: { firstOf: [{ body: "RecordType" }, { value: "Inbound" }] },
  deliveryId: deliveryIdOf,
  sentAt: {
    from: { firstOf: [{ body: "DeliveredAt" }, { body: "BouncedAt" }, { body: "ReceivedAt" }, { body: "ChangedAt" }] },
    unit: "iso",
  },
  account: { body: "ServerID" },
  sample: (_event, deliveryId) => ({ body: { ID: deliveryId } }),
});

/** The id of a bounce may lie past 2^53, so it is read with all of its digits. */
function deliveryIdOf(verified: VerifiedRequest): string | undefined {
  const textAt = (body: string): string | undefined => readSource({ body }, verified)[0];
  const record = textAt("RecordType");
  if (record === undefined) return textAt("MessageID");
  const id = textAt("ID");
  return id === undefined ? undefined : `${record}:${id}`;
}
