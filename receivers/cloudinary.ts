import { choiceSetting, defineReceiver, plainDigest, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/** Cloudinary: a hash of body, time and API secret in `X-Cld-Signature`. The event is the body's `notification_type`. */
export const cloudinary = defineReceiver({
  name: "cloudinary",
  title: "Cloudinary",
  docs: "https://cloudinary.com/documentation/notification_signatures",
  category: "content, forms, signing, files",
  confirmed: "library",
  setup: "Add the notification URL under Settings, Webhook Notifications in the Console; Settings, API Keys shows the API secret.",
  secretName: "the API secret",
  eventNames: "The body's `notification_type`, such as `upload`, `eager` or `delete`.",
  notes: [
    "The hash is no HMAC. SHA-1 is Cloudinary's default; SHA-256 is better, and an account can be set to it on request.",
    "The tolerance of two hours is that of Cloudinary's own library.",
  ],
  settings: {
    signatureAlgorithm: choiceSetting(["sha1", "sha256"], {
      about: "The hash that the account's notifications are signed with.",
      default: "sha1",
    }),
  },
  verify: ({ signatureAlgorithm }) =>
    plainDigest({
      header: "X-Cld-Signature",
      timestampHeader: "X-Cld-Timestamp",
      signed: "{body}{timestamp}{secret}",
      hash: signatureAlgorithm,
      tolerance: { pastSeconds: 7_200, futureSeconds: 60 },
    }),
  events: { body: "notification_type" },
  deliveryId: deliveryIdOf,
  sentAt: { from: { header: "X-Cld-Timestamp" }, unit: "seconds" },
  sample: (event, id) => ({ body: { ...(event === undefined ? {} : { notification_type: event }), request_id: id } }),
});

/** One request may lead to notifications of several types. */
function deliveryIdOf({ data }: VerifiedRequest): string | undefined {
  const [id] = [...valuesAt(data, "request_id"), ...valuesAt(data, "batch_id")];
  const [type] = valuesAt(data, "notification_type");
  return typeof id === "string" && id !== "" && typeof type === "string" ? `${type}.${id}` : undefined;
}
