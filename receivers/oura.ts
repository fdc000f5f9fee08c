import {
  defineReceiver,
  echoJson,
  type HandshakeOutcome,
  hmac,
  isSameText,
  listSetting,
  type ReceiverRequest,
} from "../src/receiver/index.ts";

/**
 * Oura: HMAC-SHA256 of time and body with the client secret, in upper-case hexadecimal. The event is kind of data and operation, such as
 * `daily_sleep.update`. The GET that checks the URL is answered for the verification tokens in the settings.
 */
export const oura = defineReceiver({
  name: "oura",
  title: "Oura",
  docs: "https://cloud.ouraring.com/v2/docs#section/Webhooks",
  category: "health, mobility, devices",
  confirmed: "documented",
  setup: "Create the subscription with `POST /v2/webhook/subscription` and a `verification_token` of your own, which is also set here.",
  secretName: "the app's client secret",
  eventNames: "`data_type` and `event_type`, such as `daily_sleep.create` or `workout.delete`.",
  notes: [
    "In what unit the time is signed is not documented: Unix seconds and milliseconds are taken.",
    "There is no delivery id. A delivery names an object, which is to be fetched.",
  ],
  settings: { verificationTokens: listSetting({ about: "The verification tokens that were given to Oura with the subscriptions." }) },
  verify: hmac({
    header: "x-oura-signature",
    encoding: "HEX",
    timestampHeader: "x-oura-timestamp",
    signed: "{timestamp}{body}",
    timeUnit: "seconds-or-milliseconds",
  }),
  events: { joined: [{ body: "data_type" }, { body: "event_type" }] },
  account: { body: "user_id" },
  handshakes: ({ verificationTokens }) => [
    { proof: "none", method: "GET", answer: (request) => challengeAnswer(request, verificationTokens) },
  ],
});

function challengeAnswer({ query }: ReceiverRequest, verificationTokens: readonly string[]): HandshakeOutcome {
  const [token, ...more] = query.getAll("verification_token");
  const challenges = query.getAll("challenge");
  if (token === undefined || more.length > 0 || challenges.length !== 1) return "malformed";
  return verificationTokens.some((one) => isSameText(one, token)) ? echoJson("challenge", challenges[0]) : "refused";
}
