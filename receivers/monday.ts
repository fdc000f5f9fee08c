import { defineReceiver, echoJson, type HandshakeOutcome, jwt, type ReceiverRequest, unverifiedData } from "../src/receiver/index.ts";

/**
 * monday.com, webhooks and integrations of apps: a bare token in `Authorization` whose `aud` is the URL; it says nothing of the
 * body. The event is `event.type`. The challenge that comes when the webhook is created is echoed.
 */
export const monday = defineReceiver({
  name: "monday",
  title: "monday.com",
  docs: "https://developer.monday.com/apps/docs/authorization-header",
  category: "productivity",
  confirmed: "documented",
  setup:
    "Create the webhook with the API and a token of your app; the signing secret is in the Developer Center under the app's basic information.",
  secretName: "the app's signing secret; its client secret for webhooks about the app's own life",
  eventNames: "`event.type`, such as `create_pulse` or `update_column_value`; of the app's own life, `type`, such as `install`.",
  notes: [
    "The token does not cover the body: fetch the item before you act on it. Webhooks that are created without an app are not signed and are refused.",
    "`aud` must be the URL that `publicUrl` gives, to the letter.",
  ],
  verify: jwt({ header: "Authorization", algorithms: ["HS256"], key: "secret", urlClaim: "aud" }),
  events: { firstOf: [{ body: "event.type" }, { body: "type" }] },
  deliveryId: { body: "event.triggerUuid" },
  sentAt: { from: { body: "event.triggerTime" }, unit: "iso" },
  handshakes: [{ proof: "none", method: "POST", answer: echoChallenge }],
});

/** A body that is a challenge and nothing else, signed or not. */
function echoChallenge(request: ReceiverRequest): HandshakeOutcome {
  if (request.body.length > 4_096) return undefined;
  const data = unverifiedData(request);
  const isChallenge = typeof data === "object" && data !== null && "challenge" in data && Object.keys(data).length === 1;
  return isChallenge ? echoJson("challenge", data.challenge) : undefined;
}
