import { basic, defineReceiver, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Bandwidth: the callback credentials of the application. The event is the `type` of each message in the list, such as
 * `message-received`, or the `eventType` of a call.
 */
export const bandwidth = defineReceiver({
  name: "bandwidth",
  title: "Bandwidth",
  docs: "https://dev.bandwidth.com/docs/messaging/webhooks",
  category: "messaging and voice",
  confirmed: "documented",
  setup: "Give the messaging or voice application the URL as its callback, with user and password in the callback credentials.",
  secretName: "the callback credentials as `user:password`",
  eventNames: "`message-received`, `message-delivered`, `message-failed` of messages; `initiate`, `answer`, `disconnect` of calls.",
  notes: [
    "The credentials are optional at Bandwidth, and callbacks without them are refused. They prove nothing of the body.",
    "A message has one callback for each recipient, so its delivery id is made of message, type and recipient. Calls have none.",
    "A call waits for BXML, which a handler has to answer. Callbacks by GET are not taken.",
  ],
  verify: basic(),
  events: { firstOf: [{ body: "*.type" }, { body: "eventType" }] },
  deliveryId: deliveryIdOf,
  sentAt: { from: { firstOf: [{ body: "*.time" }, { body: "eventTime" }] }, unit: "iso" },
  account: { body: "accountId" },
  timeLimitMs: 10_000,
  sample: (event) => ({ body: { eventType: event ?? "answer" } }),
});

function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const parts = ["*.message.id", "*.type", "*.to"].map((path) => valuesAt(data, path));
  const isOneMessage = parts.every(([value, ...more]) => typeof value === "string" && more.length === 0);
  return isOneMessage ? parts.flat().join(":") : undefined;
}
