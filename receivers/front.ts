import {
  answerWhen,
  defineReceiver,
  echoJson,
  fixedAnswer,
  type HandshakeOutcome,
  hmac,
  type VerifiedRequest,
} from "../src/receiver/index.ts";

/**
 * Front, application webhooks: HMAC-SHA256 of time and body in `X-Front-Signature`. The event is the body's `type`. The `sync`
 * that Front sends when the URL is saved is answered with its challenge.
 */
export const front = defineReceiver({
  name: "front",
  title: "Front",
  docs: "https://dev.frontapp.com/docs/application-webhooks",
  category: "support and CRM",
  confirmed: "verifier",
  setup:
    "Add the feature Webhooks to the app under Settings, Developers and enter the URL; the app's signing key is under its basic information.",
  secretName: "the app's signing key",
  eventNames: "The body's `type`, such as `inbound_received`.",
  notes: [
    "Webhooks of rules sign with SHA-1 and the API secret, without a time; they are refused.",
    "A delivery has no documented id, so a redelivery is not recognized.",
  ],
  verify: hmac({
    header: "X-Front-Signature",
    encoding: "base64",
    timestampHeader: "X-Front-Request-Timestamp",
    timeUnit: "milliseconds",
    signed: "{timestamp}:{body}",
  }),
  events: { body: "type" },
  handshakes: [answerWhen("type", "sync", answerSync)],
  account: { body: "authorization.id" },
});

function answerSync({ request }: VerifiedRequest): HandshakeOutcome {
  const challenges = request.headers.all("X-Front-Challenge");
  if (challenges.length === 0) return fixedAnswer(200);
  return challenges.length === 1 ? echoJson("challenge", challenges[0]) : "malformed";
}
