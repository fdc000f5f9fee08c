import { defineReceiver, hmac, type SecretFormat, unsignedAnswer } from "../src/receiver/index.ts";

/** Client id and client secret are the key together, as they stand. */
const clientIdAndSecret: SecretFormat<Buffer> = {
  description: "the client id and the client secret with `&` between",
  parse: (text) => (/^[^&\s]+&[^&\s]+$/.test(text) ? Buffer.from(text, "utf8") : undefined),
  byteLength: (text) => Buffer.byteLength(text.slice(text.indexOf("&") + 1), "utf8"),
};

/** SurveyMonkey: HMAC-SHA1 of the body with `clientId&clientSecret`. It checks the URL with HEAD, which is not signed. */
export const surveymonkey = defineReceiver({
  name: "surveymonkey",
  title: "SurveyMonkey",
  docs: "https://api.surveymonkey.com/v3/docs#webhooks",
  category: "content, forms, signing, files",
  confirmed: "documented",
  setup: "Create the webhook with the API, giving the URL as `subscription_url`. Client id and secret stand under Credentials of the app.",
  secretName: "the app's client id and client secret, written `clientId&clientSecret`",
  eventNames: "The body's `event_type`, such as `response_completed`.",
  notes: ["A delivery names ids only: read the response with the API."],
  verify: hmac({ header: "Sm-Signature", hash: "sha1", encoding: "base64", key: clientIdAndSecret }),
  events: { body: "event_type" },
  deliveryId: { body: "event_id" },
  sentAt: { from: { body: "event_datetime" }, unit: "iso" },
  account: { body: "resources.user_id" },
  handshakes: [unsignedAnswer("HEAD")],
});
