import { defineReceiver, jwt, textSetting } from "../src/receiver/index.ts";

/** LiveKit: a bare token in `Authorization`, signed with the API secret, with a hash of the body. The event is the body's `event`. */
export const livekit = defineReceiver({
  name: "livekit",
  title: "LiveKit",
  docs: "https://docs.livekit.io/home/server/webhooks/",
  category: "messaging and voice",
  confirmed: "library",
  setup:
    "Add this URL under the project's settings, Webhooks, and choose the API key that signs; self-hosted, under `webhook` in the configuration.",
  secretName: "the API secret of the key that signs",
  eventNames: "The body's `event`, such as `room_started` or `participant_joined`.",
  settings: { apiKey: textSetting({ about: "The API key that signs. Where it is set, tokens that name another are refused." }) },
  verify: ({ apiKey }) =>
    jwt({
      header: "Authorization",
      algorithms: ["HS256"],
      key: "secret",
      ...(apiKey === undefined ? {} : { issuer: apiKey }),
      bodyHash: { claim: "sha256", encoding: "base64" },
      requireExpiry: true,
    }),
  events: { body: "event" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "createdAt" }, unit: "seconds" },
});
