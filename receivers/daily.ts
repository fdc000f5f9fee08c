import { defineReceiver, fixedAnswer, type HandshakeOutcome, hmac, type ReceiverRequest, unverifiedData } from "../src/receiver/index.ts";

/** Daily: HMAC-SHA256 of time and body in `X-Webhook-Signature`, with a base64 key. A test comes before there is a key to sign it with. */
export const daily = defineReceiver({
  name: "daily",
  title: "Daily",
  docs: "https://docs.daily.co/reference/rest-api/webhooks",
  category: "messaging and voice",
  confirmed: "documented",
  setup:
    "Create the webhook with a POST to `/webhooks` of Daily's API; `hmac` of the answer is the secret, unless you sent one of your own.",
  secretName: "the webhook's `hmac`, base64",
  eventNames: "The body's `type`, such as `meeting.ended` or `recording.ready-to-download`.",
  notes: [
    'The test that Daily sends before it creates a webhook, `{"test":"test"}`, is answered with 200 unproved and reaches no handler.',
    "Daily does not say whether the signed time is in seconds or milliseconds; its length decides.",
    "After three failed deliveries Daily stops until the webhook is reactivated.",
  ],
  verify: hmac({
    header: "X-Webhook-Signature",
    encoding: "base64",
    timestampHeader: "X-Webhook-Timestamp",
    timeUnit: "seconds-or-milliseconds",
    signed: "{timestamp}.{body}",
    key: "base64",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  handshakes: [{ proof: "none", method: "POST", answer: acceptTest }],
});

function acceptTest(request: ReceiverRequest): HandshakeOutcome {
  const isShort = request.body.length <= 64;
  return isShort && JSON.stringify(unverifiedData(request)) === '{"test":"test"}' ? fixedAnswer(200) : undefined;
}
