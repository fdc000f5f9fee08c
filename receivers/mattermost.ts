import { defineReceiver, token } from "../src/receiver/index.ts";

/**
 * Mattermost, outgoing webhooks and slash commands: the integration's token in the body's `token`. It says nothing of the rest. The
 * event is the command, the trigger word, or `message` where a channel alone triggers.
 */
export const mattermost = defineReceiver({
  name: "mattermost",
  title: "Mattermost",
  docs: "https://developers.mattermost.com/integrate/webhooks/outgoing/",
  category: "messaging and voice",
  confirmed: "known",
  setup: "Under Integrations, add an outgoing webhook or a slash command with this URL and the method POST; its token is shown then.",
  secretName: "the integration's token",
  eventNames: "The command, such as `/weather`; else the trigger word; else `message`.",
  notes: [
    "The token does not cover the body, and handlers see it in the data: do not log them.",
    "Slash commands carry the token in `Authorization` as well; that is not read. Commands with the method GET are not taken.",
    "Confirmed by mattermost/mattermost, `server/public/model/outgoing_webhook.go`.",
  ],
  verify: token({ field: "token" }),
  body: { kinds: ["form", "json"] },
  events: { firstOf: [{ body: "command" }, { body: "trigger_word" }, { value: "message" }] },
  deliveryId: { firstOf: [{ body: "post_id" }, { body: "trigger_id" }] },
  sentAt: { from: { body: "timestamp" }, unit: "seconds-or-milliseconds" },
  account: { body: "team_id" },
});
