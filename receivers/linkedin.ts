import { defineReceiver, digest, fixedAnswer, type HandshakeOutcome, hmac, type ReceiverRequest, valuesAt } from "../src/receiver/index.ts";

const bare = hmac({ header: "X-LI-Signature", signed: "hmacsha256={body}" });
const prefixed = hmac({ header: "X-LI-Signature", signature: { form: "whole", prefix: "hmacsha256=" }, signed: "hmacsha256={body}" });

/**
 * LinkedIn: HMAC-SHA256 with the client secret of `hmacsha256=` and the body; some deliveries have that prefix before the signature
 * too. The event is the body's `type`. The GET with `challengeCode`, repeated every two hours, is answered with its HMAC.
 */
export const linkedin = defineReceiver({
  name: "linkedin",
  title: "LinkedIn",
  docs: "https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation",
  category: "social, media and creators",
  confirmed: "verifier",
  setup: "Add the URL under Webhooks of the app in the developer portal, after its client secret is configured here.",
  secretName: "the app's client secret",
  eventNames: "The body's `type`, such as `ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS` or `LEAD_ACTION`.",
  notes: [
    "Challenges and deliveries are signed with the same key, so only challenges in the documented form, a UUID, are answered.",
    "Of several secrets the newest answers the challenge. Child applications, which LinkedIn names by `applicationId`, need a URL each.",
    "No time is signed. The delivery id is made of the ids of all notifications.",
  ],
  verify: {
    ...bare,
    verify(request, keys, context) {
      const scheme = request.headers.get("X-LI-Signature")?.startsWith("hmacsha256=") ? prefixed : bare;
      return scheme.verify(request, keys, context);
    },
  },
  events: { body: "type" },
  deliveryId: ({ data }) =>
    valuesAt(data, "notifications.*.notificationId")
      .filter((id) => typeof id === "string" || typeof id === "number")
      .join("+") || undefined,
  handshakes: [{ proof: "none", method: "GET", answer: challengeAnswer }],
  timeLimitMs: 3_000,
  sample: (_event, deliveryId) => ({ body: { notifications: [{ notificationId: deliveryId }] } }),
});

function challengeAnswer({ query }: ReceiverRequest, [key]: readonly unknown[]): HandshakeOutcome {
  const [challengeCode = "", ...more] = query.getAll("challengeCode");
  if (more.length > 0 || !uuid.test(challengeCode) || !Buffer.isBuffer(key)) return "malformed";
  return fixedAnswer(200, { challengeCode, challengeResponse: digest("sha256", key, [challengeCode]).toString("hex") });
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
