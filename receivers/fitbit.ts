import { defineReceiver, fixedAnswer, hmac, isSameText, listSetting } from "../src/receiver/index.ts";

/**
 * Fitbit: HMAC-SHA1 of the body, in base64, in `X-Fitbit-Signature`; the key is the client secret and `&`. The events are the
 * `collectionType` of each item. The GET that checks the URL is answered for the verification codes in the settings.
 */
export const fitbit = defineReceiver({
  name: "fitbit",
  title: "Fitbit",
  docs: "https://dev.fitbit.com/build/reference/web-api/developer-guide/using-subscriptions/",
  category: "health, mobility, devices",
  confirmed: "known",
  setup:
    "In the application's settings at dev.fitbit.com, add a subscriber with this URL and the type JSON; put its verification code into the settings here first.",
  secretName: "the application's OAuth client secret",
  eventNames: "Each item's `collectionType`: `activities`, `body`, `foods`, `sleep` or `userRevokedAccess`.",
  notes: [
    "No time is signed, and a delivery has no id. It says only that something changed: fetch it.",
    "SHA-1 is Fitbit's choice; as an HMAC it holds. Fitbit wants 204 within 5 seconds, and 404 for a wrong signature.",
    "Confirmed by Fitbit's page on subscriptions and several public receivers.",
  ],
  settings: {
    verificationCodes: listSetting({ about: "The verification codes of the subscribers, as the application's settings show them." }),
  },
  verify: hmac({
    header: "X-Fitbit-Signature",
    hash: "sha1",
    encoding: "base64",
    keyFor: (clientSecret) => Buffer.concat([clientSecret, Buffer.from("&")]),
  }),
  events: { body: "*.collectionType" },
  account: { body: "*.ownerId" },
  handshakes: ({ verificationCodes }) => [
    {
      proof: "none",
      method: "GET",
      answer: ({ query }) => fixedAnswer(verificationCodes.some((code) => isSameText(code, query.get("verify"))) ? 204 : 404),
    },
  ],
  respond: { status: 204 },
  refusal: { status: 404 },
  timeLimitMs: 5_000,
});
