import { answerWhen, defineReceiver, fixedAnswer, hmac, readSource, type VerifiedRequest } from "../src/receiver/index.ts";

/**
 * Viber: HMAC-SHA256 of the body with the bot's token in `X-Viber-Content-Signature`. The event is the body's `event`. The
 * event `webhook`, sent when the URL is set, is answered and reaches no handler.
 */
export const viber = defineReceiver({
  name: "viber",
  title: "Viber",
  docs: "https://developers.viber.com/docs/api/rest-bot-api/#webhooks",
  category: "messaging and voice",
  confirmed: "library",
  setup: "Set the URL with `POST /pa/set_webhook`; the token stands in the Viber Admin Panel on the bot's page.",
  secretName: "the bot's authentication token",
  eventNames: "The body's `event`, such as `message`, `delivered` or `conversation_started`.",
  notes: [
    "`message_token` is past 2^53, so that JavaScript rounds it in the data; the delivery id has it exactly.",
    "Viber repeats the signature in the URL as `?sig=`. Only the header counts here.",
  ],
  verify: hmac({ header: "X-Viber-Content-Signature" }),
  events: { body: "event" },
  deliveryId: deliveryIdOf,
  sentAt: { from: { body: "timestamp" }, unit: "milliseconds" },
  handshakes: [answerWhen("event", "webhook", () => fixedAnswer(200))],
  sample: (event, deliveryId) => ({ body: { message_token: deliveryId, ...(event === undefined ? {} : { event }) } }),
});

/** What happens to a message has the message's token again, once for each user who receives it. */
function deliveryIdOf(verified: VerifiedRequest): string | undefined {
  const [token] = readSource({ body: "message_token" }, verified);
  if (token === undefined) return undefined;
  const [event = ""] = readSource({ body: "event" }, verified);
  return ["delivered", "seen", "failed"].includes(event) ? [token, event, ...readSource({ body: "user_id" }, verified)].join(":") : token;
}
