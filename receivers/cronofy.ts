import { defineReceiver, hmac } from "../src/receiver/index.ts";

/** Cronofy: HMAC-SHA256 of the body with the client secret; while secrets rotate, one signature each, with commas between. */
export const cronofy = defineReceiver({
  name: "cronofy",
  title: "Cronofy",
  docs: "https://docs.cronofy.com/developers/push-notifications/authentication/",
  category: "productivity",
  confirmed: ["vector", "verifier"],
  setup: "Give the URL as `callback_url` of a notification channel. The client secret stands in the dashboard, under the application.",
  secretName: "the application's client secret",
  eventNames: "`notification.type`: `change`, `verification`, `profile_disconnected`.",
  notes: ["A change says only since when: read the events with the API.", "There is no delivery id."],
  verify: hmac({ header: "Cronofy-HMAC-SHA256", signature: { form: "list" }, encoding: "base64" }),
  events: { body: "notification.type" },
  account: { body: "channel.channel_id" },
});
