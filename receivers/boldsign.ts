import {
  defineReceiver,
  fixedAnswer,
  type HandshakeOutcome,
  hmac,
  type ReceiverRequest,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/** `s0` is by the current secret. For some time after it was rolled there is also `s1`, by the secret before. */
const [current, previous] = [signedAs("s0"), signedAs("s1")];

/**
 * BoldSign: HMAC-SHA256 of time and body in `X-BoldSign-Signature`. The event is `event.eventType` in the signed body, which says the
 * same as the header `X-BoldSign-Event`. The verification of the URL comes before there is a secret, and is only answered.
 */
export const boldsign = defineReceiver({
  name: "boldsign",
  title: "BoldSign",
  docs: "https://developers.boldsign.com/webhooks/verify-webhook-events",
  category: "content, forms, signing, files",
  confirmed: "documented",
  setup: "Add a webhook under API, Webhooks and verify the URL there; the signing secret is shown on its page with Reveal.",
  secretName: "the webhook's signing secret",
  eventNames: "`event.eventType`, such as `Sent`, `Signed` or `Completed`.",
  notes: ["The check of the URL is answered without a proof and reaches no handler."],
  verify: {
    ...current,
    verify(request, keys, context) {
      const found = current.verify(request, keys, context);
      if (found.verified) return found;
      const older = previous.verify(request, keys, context);
      return older.verified ? older : found;
    },
  },
  events: { body: "event.eventType" },
  deliveryId: { body: "event.id" },
  sentAt: { from: { body: "event.created" }, unit: "seconds" },
  handshakes: [{ proof: "none", method: "POST", answer: verificationAnswer }],
  timeLimitMs: 10_000,
});

function signedAs(signature: string) {
  return hmac({ header: "X-BoldSign-Signature", signature: { form: "pairs", timestamp: "t", signature }, signed: "{timestamp}.{body}" });
}

function verificationAnswer(request: ReceiverRequest): HandshakeOutcome {
  if (request.headers.get("X-BoldSign-Event")?.toLowerCase() !== "verification") return undefined;
  return valuesAt(unverifiedData(request), "event.eventType")[0] === "Verification" ? fixedAnswer(200) : undefined;
}
