import { defineReceiver, hmac, type VerifiedRequest } from "../src/receiver/index.ts";

/**
 * Sinch Conversation API: HMAC-SHA256 of body, nonce and time in `x-sinch-webhook-signature`. The event is the member of the
 * body that holds it: `message`, `message_delivery_report` and so on.
 */
export const sinch = defineReceiver({
  name: "sinch",
  title: "Sinch Conversation API",
  docs: "https://developers.sinch.com/docs/conversation/callbacks/",
  category: "messaging and voice",
  confirmed: "verifier",
  setup: "Add a webhook to the app in the Conversation API's dashboard, or with the API, and give it a secret of your own.",
  secretName: "the secret that you set on the webhook",
  eventNames: "The member that holds the event, such as `message`, `message_delivery_report` or `conversation_start_notification`.",
  notes: [
    "Webhooks without a secret are not signed and are refused. Other products of Sinch sign in other ways.",
    "A delivery has no documented id, so a redelivery is not recognized.",
  ],
  verify: hmac({
    header: "x-sinch-webhook-signature",
    encoding: "base64",
    timestampHeader: "x-sinch-webhook-signature-timestamp",
    signed: "{body}.{header:x-sinch-webhook-signature-nonce}.{timestamp}",
  }),
  events: eventsOf,
  sentAt: { from: { body: "event_time" }, unit: "iso" },
  account: { body: "project_id" },
  sample: (event) => ({
    headers: { "x-sinch-webhook-signature-nonce": "01FJA8B466Y0R2GNXD78MD9SM1" },
    ...(event === undefined ? {} : { body: { [event]: {} } }),
  }),
});

/** Members that stand beside the event. */
const envelope = new Set(["app_id", "project_id", "accepted_time", "event_time", "message_metadata", "correlation_id"]);

function eventsOf({ data }: VerifiedRequest): readonly string[] {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return [];
  return Object.entries(data).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && !envelope.has(name) ? [name] : [],
  );
}
