import { defineReceiver, hmac } from "../src/receiver/index.ts";

/**
 * Microsoft Teams outgoing webhooks: HMAC-SHA256 of the body in `Authorization`, keyed with the decoded security token. The
 * event is the activity's `type`. Teams shows the answer in the conversation, so without a handler's response it is a short text.
 */
export const msTeams = defineReceiver({
  name: "ms-teams",
  title: "Microsoft Teams",
  docs: "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook",
  category: "messaging and voice",
  confirmed: ["verifier", "documented"],
  setup: "Under the team's apps, create an outgoing webhook with the URL; Teams then shows its security token once.",
  secretName: "the outgoing webhook's security token, base64 as shown",
  eventNames: "The body's `type`, which is `message`.",
  notes: [
    'A handler\'s response is shown if it is 200 with JSON such as `{ type: "message", text: "…" }`.',
    "The delivery is named by conversation and message, since the number of a message is unique only within its conversation.",
  ],
  verify: hmac({ header: "Authorization", encoding: "base64", signature: { form: "whole", prefix: "HMAC " }, key: "base64" }),
  events: { body: "type" },
  deliveryId: { joined: [{ body: "conversation.id" }, { body: "id" }], separator: ":" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  account: { body: "channelData.tenant.id" },
  respond: {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: '{"type":"message","text":"Received."}',
  },
  timeLimitMs: 5_000,
});
