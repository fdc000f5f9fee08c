import { defineReceiver, fixedAnswer, hmac, type ReceiverRequest, unverifiedData, valuesAt } from "../src/receiver/index.ts";

/**
 * Gusto: HMAC-SHA256 of the body with the subscription's verification token, which the first, unsigned request hands over; it
 * is taken only while a set-up window is open. The event is the body's `event_type`.
 */
export const gusto = defineReceiver({
  name: "gusto",
  title: "Gusto",
  docs: "https://docs.gusto.com/embedded-payroll/docs/webhooks",
  category: "identity and HR",
  confirmed: "documented",
  setup:
    "Create the subscription with the API, with a set-up window open here; then send the token that came to Gusto's `verify` endpoint.",
  secretName: "the subscription's verification token",
  eventNames: "The body's `event_type`, such as `employee.created`.",
  notes: [
    "The request with the token is not signed. Whoever knows the URL can send one while the window is open; Gusto refuses to verify any token but its own.",
    "Gusto's documents also spell the header `x_gusto_signature`; that form is not read.",
  ],
  verify: hmac({ header: "X-Gusto-Signature" }),
  events: { body: "event_type" },
  deliveryId: { body: "uuid" },
  sentAt: { from: { body: "timestamp" }, unit: "seconds" },
  account: { body: "resource_uuid" },
  handshakes: [{ proof: "setup", method: "POST", offer: offeredToken }],
});

function offeredToken(request: ReceiverRequest) {
  const [token] = valuesAt(unverifiedData(request), "verification_token");
  if (typeof token !== "string" || request.headers.all("X-Gusto-Signature").length > 0) return undefined;
  return { secret: token, answer: fixedAnswer(200) };
}
