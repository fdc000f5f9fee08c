import {
  decodeBase64,
  defineReceiver,
  identityToken,
  RequestError,
  textSetting,
  urlSetting,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Google Play, real-time developer notifications, which come as pushes of Cloud Pub/Sub: a token of Google's for your audience and service
 * account. It says nothing of the body. The decoded notification is `notification` in the data; its kind and number are the event.
 */
export const googlePlay = defineReceiver({
  name: "google-play",
  title: "Google Play",
  docs: "https://developer.android.com/google/play/billing/rtdn-reference",
  category: "social, media and creators",
  confirmed: "known",
  setup:
    "Enter a Pub/Sub topic under Monetization setup in the Play Console; give its push subscription this URL, authentication, a service account and an audience of your own.",
  secretName: "the subscription's audience; by default the push URL",
  eventNames:
    "Kind and number: `subscriptionNotification.4`, `oneTimeProductNotification.1`, `voidedPurchaseNotification`, `testNotification`.",
  notes: [
    "The token does not cover the body: ask the Play Developer API for the purchase before you act.",
    "Anyone with a Google account gets tokens for any audience; it is the service account that tells them apart.",
    "Subscriptions without the wrapping of Pub/Sub are not taken.",
    "Confirmed by Google's pages on push authentication, as the receiver of Cloud Pub/Sub.",
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
  data: withNotification,
  events: eventOf,
  deliveryId: { body: "message.messageId" },
  retryNumber: { body: "deliveryAttempt" },
  sentAt: { from: { body: "notification.eventTimeMillis" }, unit: "milliseconds" },
  account: { body: "notification.packageName" },
  sample: (event = "testNotification", messageId) => {
    const [kind = "", number] = event.split(".");
    const notification = { [kind]: number === undefined ? {} : { notificationType: Number(number) } };
    return { body: { message: { messageId, data: Buffer.from(JSON.stringify(notification)).toString("base64") } } };
  },
});

function withNotification({ data }: VerifiedRequest): unknown {
  const [text] = valuesAt(data, "message.data");
  try {
    const notification: unknown = JSON.parse(decodeBase64(String(text))?.toString("utf8") ?? "");
    if (typeof notification === "object" && notification !== null) return { ...(data as object), notification };
  } catch {
    // The parser's own message quotes the payload.
  }
  throw new RequestError("malformed_body", "`message.data` is not a notification of Google Play in base64.");
}

/** The member whose name ends in `Notification`, and its number where it has one. */
function eventOf({ data }: VerifiedRequest): readonly string[] {
  const [notification = {}] = valuesAt(data, "notification");
  return Object.keys(notification as object)
    .filter((name) => name.endsWith("Notification"))
    .map((name) => [name, ...valuesAt(notification, `${name}.notificationType`)].join("."));
}
