import { createHmac } from "node:crypto";
import {
  defineReceiver,
  fixedAnswer,
  type HandshakeOutcome,
  hmac,
  type ReceiverRequest,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Smartcar: HMAC-SHA256 of the body in `SC-Signature`, with the application management token. The event is `eventType`. The challenge of
 * a new webhook is answered with its HMAC.
 */
export const smartcar = defineReceiver({
  name: "smartcar",
  title: "Smartcar",
  docs: "https://smartcar.com/docs/integrations/webhooks/payload-verification",
  category: "health, mobility, devices",
  confirmed: "known",
  setup: "Copy the application management token from the dashboard's configuration page, then create a webhook there with this URL.",
  secretName: "the application management token",
  eventNames: "`eventType`: `VEHICLE_STATE` or `VEHICLE_ERROR`.",
  notes: [
    "The challenge is answered unsigned, as Smartcar's own receivers do. Since its answer is a signature too, only letters, digits and dashes are answered, which are no body of an event.",
    "Webhooks of the versions before `eventType` are not taken. No time is signed.",
    "Confirmed by smartcar/node-sdk and smartcar/typescript-webhook-recipe.",
  ],
  verify: hmac({ header: "SC-Signature" }),
  events: { body: "eventType" },
  deliveryId: { body: "eventId" },
  handshakes: [{ proof: "none", method: "POST", answer: answerChallenge }],
  timeLimitMs: 15_000,
});

function answerChallenge(request: ReceiverRequest, keys: readonly unknown[]): HandshakeOutcome {
  const data = unverifiedData(request);
  const [newest] = keys;
  if (valuesAt(data, "eventType")[0] !== "VERIFY" || !Buffer.isBuffer(newest)) return undefined;
  const [challenge] = valuesAt(data, "data.challenge");
  if (typeof challenge !== "string" || !/^(?=.*[a-z])[a-z0-9-]{8,128}$/i.test(challenge)) return "malformed";
  return fixedAnswer(200, { challenge: createHmac("sha256", newest).update(challenge).digest("hex") });
}
