import { defineReceiver, identityToken, textSetting, urlSetting, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Google Cloud Pub/Sub, push subscriptions: a token of Google's for your audience and service account as `Authorization: Bearer`.
 * It says nothing of the body. The event is the attribute `eventType` or `ce-type`, and `message` without one.
 */
export const googlePubsub = defineReceiver({
  name: "google-pubsub",
  title: "Google Cloud Pub/Sub",
  docs: "https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions",
  category: "cloud and infrastructure",
  confirmed: "library",
  setup:
    "Create a push subscription with this URL, enable its authentication, choose a service account and set an audience of your own that nobody guesses.",
  secretName: "the subscription's audience; by default the push URL",
  eventNames: "The message's attribute `eventType`, such as `OBJECT_FINALIZE` of Cloud Storage, or `ce-type`; else `message`.",
  notes: [
    "The token does not cover the body. It may be used again until it expires, after an hour at most.",
    "Anyone with a Google account gets tokens for any audience; it is the service account that tells them apart.",
    "The data of a wrapped message is base64 in `message.data`. An unwrapped one arrives as it is, and its id only if the subscription writes metadata.",
    "Notifications of Google Play come this way too.",
  ],
  settings: {
    serviceAccount: textSetting({
      about: "The e-mail address of the service account that the subscription's authentication uses.",
      required: true,
    }),
    keySetUrl: urlSetting({ about: "Google's key set.", default: "https://www.googleapis.com/oauth2/v3/certs" }),
  },
  verify: ({ serviceAccount, keySetUrl }) =>
    identityToken({ jwks: keySetUrl, issuer: ["https://accounts.google.com", "accounts.google.com"], email: serviceAccount }),
  secretBytes: { min: 4 },
  body: { kinds: ["json", "any"], mayBeEmpty: true },
  events: { firstOf: [{ body: "message.attributes.eventType" }, { body: "message.attributes.ce-type" }, { value: "message" }] },
  deliveryId: deliveryIdOf,
  retryNumber: { body: "deliveryAttempt" },
  sentAt: { from: { firstOf: [{ body: "message.publishTime" }, { header: "x-goog-pubsub-publish-time" }] }, unit: "iso" },
  account: { firstOf: [{ body: "subscription" }, { header: "x-goog-pubsub-subscription-name" }] },
  sample: (_event, deliveryId) => ({ body: { message: { messageId: deliveryId } } }),
});

/** Undefined for an unwrapped message without metadata: two of the same text are two messages. */
function deliveryIdOf({ request, data }: VerifiedRequest): string | undefined {
  const [id] = valuesAt(data, "message.messageId");
  return typeof id === "string" ? id : request.headers.get("x-goog-pubsub-message-id");
}
