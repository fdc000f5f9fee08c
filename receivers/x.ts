import {
  defineReceiver,
  digest,
  fixedAnswer,
  type HandshakeOutcome,
  hmac,
  type ReceiverRequest,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * X: HMAC-SHA256 of the body with the consumer secret. The events are the members that end in `_events` or `_event`, such as
 * `tweet_create_events`, and `matching_rules` of a filtered stream, or else `data.event_type`. The GET with `crc_token` is
 * answered with its HMAC, which proves the secret.
 */
export const x = defineReceiver({
  name: "x",
  aliases: ["twitter"],
  title: "X (Twitter)",
  docs: "https://docs.x.com/x-api/webhooks/quickstart",
  category: "social, media and creators",
  confirmed: "verifier",
  setup: "Register the URL with `POST /2/webhooks`; the consumer secret (API key secret) stands under Keys and tokens of the app.",
  secretName: "the app's consumer secret",
  eventNames:
    "`tweet_create_events`, `follow_events`, `direct_message_events`; `matching_rules` for filtered streams; in the Activity API `profile.update.bio` and others.",
  notes: [
    "Deliveries and challenges are signed with the same key and in the same way, so an answered challenge is a signature. Only challenges that can be no JSON object are answered.",
    "There is no delivery id. Posts of a filtered stream are known by their member `matching_rules`, which X documents for its streaming API only.",
    "With several secrets configured the newest answers the challenge.",
  ],
  verify: hmac({ header: "x-twitter-webhooks-signature", signature: { form: "whole", prefix: "sha256=" }, encoding: "base64" }),
  events: eventsOf,
  account: { body: "for_user_id" },
  handshakes: [{ proof: "none", method: "GET", answer: challengeAnswer }],
  timeLimitMs: 10_000,
  sample: (event) => (event === undefined ? {} : { body: { data: { event_type: event } } }),
});

function eventsOf({ data }: VerifiedRequest): readonly string[] {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return [];
  const names = Object.keys(data).filter((name) => /_events?$|^matching_rules$/.test(name));
  return names.length > 0 ? names : valuesAt(data, "data.event_type").filter((name) => typeof name === "string");
}

function challengeAnswer({ query }: ReceiverRequest, [key]: readonly unknown[]): HandshakeOutcome {
  const [token = "", ...more] = query.getAll("crc_token");
  if (more.length > 0 || !/^[\w.~+/=-]{1,256}$/.test(token) || !Buffer.isBuffer(key)) return "malformed";
  return fixedAnswer(200, { response_token: `sha256=${digest("sha256", key, [token]).toString("base64")}` });
}
