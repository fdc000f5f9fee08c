import { defineReceiver, echoJson, isSameText, listSetting, unproven } from "../src/receiver/index.ts";

/**
 * Strava: it proves nothing, so a secret of your own stands in the URL as `?code=…`. The event is object and aspect, such as
 * `activity.create`. The GET that checks the URL is answered for the verify tokens in the settings.
 */
export const strava = defineReceiver({
  name: "strava",
  title: "Strava",
  docs: "https://developers.strava.com/docs/webhooks/",
  category: "health, mobility, devices",
  confirmed: "known",
  setup:
    "Subscribe with `POST /api/v3/push_subscriptions`: this URL with `?code=` and the secret as `callback_url`, and a `verify_token` of your own.",
  secretName: "the secret in the URL",
  eventNames: "`object_type` and `aspect_type`, such as `activity.create` or `athlete.update`.",
  notes: [
    "Nothing proves the body: compare `subscription_id` with your own, and fetch the object before you act.",
    "Strava waits 2 seconds and tries three times. A delivery has no id.",
    "Confirmed by n8n-io/n8n, `StravaTrigger.node.ts`, and Strava's page on webhooks.",
  ],
  settings: { verifyTokens: listSetting({ about: "The `verify_token` of the subscription." }) },
  verify: unproven(),
  events: { joined: [{ body: "object_type" }, { body: "aspect_type" }] },
  sentAt: { from: { body: "event_time" }, unit: "seconds" },
  account: { body: "owner_id" },
  handshakes: ({ verifyTokens }) => [
    {
      proof: "none",
      method: "GET",
      answer: ({ query }) => {
        if (query.get("hub.mode") !== "subscribe") return "malformed";
        const isKnown = verifyTokens.some((one) => isSameText(one, query.get("hub.verify_token")));
        return isKnown ? echoJson("hub.challenge", query.get("hub.challenge")) : "refused";
      },
    },
  ],
  timeLimitMs: 2_000,
});
