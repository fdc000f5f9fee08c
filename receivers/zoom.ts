import {
  answerWhen,
  defineReceiver,
  digest,
  fixedAnswer,
  type HandshakeOutcome,
  hmac,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Zoom: HMAC-SHA256 of `v0`, time and body in `x-zm-signature`. The event is the body's `event`. `endpoint.url_validation` comes
 * signed like any event, when the URL is entered and every 72 hours, and is answered with an HMAC of its token.
 */
export const zoom = defineReceiver({
  name: "zoom",
  title: "Zoom",
  docs: "https://developers.zoom.us/docs/api/webhooks/",
  category: "messaging and voice",
  confirmed: "documented",
  setup:
    "Add an event subscription under Feature, Access of the app in the App Marketplace; the secret token is on the same page. Configure it here before you validate the URL there.",
  secretName: "the app's secret token",
  eventNames: "The body's `event`, such as `meeting.started` or `recording.completed`.",
  notes: [
    "A delivery has no documented id, so a redelivery is not recognized.",
    "An answer that takes longer than three seconds counts as failed.",
  ],
  verify: hmac({
    header: "x-zm-signature",
    signature: { form: "whole", prefix: "v0=" },
    timestampHeader: "x-zm-request-timestamp",
    signed: "v0:{timestamp}:{body}",
  }),
  events: { body: "event" },
  handshakes: [answerWhen("event", "endpoint.url_validation", validate)],
  sentAt: { from: { body: "event_ts" }, unit: "milliseconds" },
  account: { body: "payload.account_id" },
  timeLimitMs: 3_000,
});

/** Answered with the key that signed the question, which is the first: Zoom may not know a newer one yet. */
function validate({ data }: VerifiedRequest, [key]: readonly unknown[]): HandshakeOutcome {
  const [plainToken] = valuesAt(data, "payload.plainToken");
  if (typeof plainToken !== "string" || plainToken === "" || plainToken.length > 1_024 || !Buffer.isBuffer(key)) return "malformed";
  return fixedAnswer(200, { plainToken, encryptedToken: digest("sha256", key, [plainToken]).toString("hex") });
}
