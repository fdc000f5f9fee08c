import {
  defineReceiver,
  ecdsa,
  failed,
  fixedAnswer,
  publicKeyDocument,
  type ReceiverRequest,
  type RemoteKey,
  unsignedAnswer,
  unverifiedData,
  urlSetting,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Circle, notifications of version 2: ECDSA with SHA-256 over the body in `X-Circle-Signature`. Its key is asked of Circle by
 * `X-Circle-Key-Id`, with your API key, and signs for everybody, so your subscription is configured too. The event is `notificationType`.
 */
export const circle = defineReceiver({
  name: "circle",
  title: "Circle",
  docs: "https://developers.circle.com/api-reference/verify-webhook-signatures",
  category: "crypto",
  confirmed: ["known", "vector"],
  setup:
    "Add a webhook with this URL in the developer console or with the API; the answer has the subscription's id. Circle calls it with HEAD first.",
  secretName: "`<API key>:<subscription id>`; the API key goes to Circle alone, to ask for keys",
  eventNames: "`notificationType`, such as `transactions.inbound` or `cpn.payment.completed`.",
  notes: [
    "The test notification of a new webhook, of no subscription, is answered unproven and reaches no handler.",
    "No time is checked. Notifications of version 1 are not taken.",
    "While Circle refuses the API key or does not know the key's id, deliveries are answered 503 and come again.",
    "Confirmed by Circle's how-to on signatures and the signed example that it has published.",
  ],
  settings: {
    keysUrl: urlSetting({
      about: "Where the product's keys are: other products than wallets, contracts and the gateway have `/v2/cpn/…` or `/v2/stablefx/…`.",
      default: "https://api.circle.com/v2/notifications/publicKey",
    }),
  },
  verify: ({ keysUrl }) => {
    const document: RemoteKey["document"] = ({ headers }, secret) => {
      const keyId = headers.get("X-Circle-Key-Id") ?? "";
      if (!uuid.test(keyId)) return failed("key_unknown", "X-Circle-Key-Id is missing or no UUID.");
      const authorization = `Bearer ${secret.slice(0, secret.lastIndexOf(":"))}`;
      return { ...publicKeyDocument(`${keysUrl}/${keyId.toLowerCase()}`, keyIn), headers: { authorization } };
    };
    const signed = ecdsa({ header: "X-Circle-Signature", remoteKey: { document } });
    const { secret } = signed;
    const parse: typeof secret.parse = (text) => (/^\S+:[0-9a-f-]{36}$/i.test(text) ? secret.parse(text) : undefined);
    return {
      ...signed,
      secret: { ...secret, description: "`<API key>:<subscription id>`", parse },
      async verify(request, keys, context) {
        const secretIndex = keys.findIndex((key) => String(key).slice(String(key).lastIndexOf(":") + 1) === subscriptionOf(request));
        const key = keys[secretIndex];
        if (key === undefined) return failed("claim_mismatch", "The notification is of a subscription that is not configured.");
        const proof = await signed.verify(request, [key], context);
        return proof.verified ? { verified: true, secretIndex } : proof;
      },
    };
  },
  events: { body: "notificationType" },
  deliveryId: ({ data }) => valuesAt(data, "notificationId").map(String)[0],
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  account: { body: "subscriptionId" },
  handshakes: [
    unsignedAnswer("HEAD"),
    {
      proof: "none",
      method: "POST",
      answer: (request) =>
        subscriptionOf(request) === noSubscription && valuesAt(unverifiedData(request), "notificationType")[0] === "webhooks.test"
          ? fixedAnswer(200)
          : undefined,
    },
  ],
  sample: (_event, notificationId) => ({ body: { subscriptionId: noSubscription, notificationId } }),
});

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const noSubscription = "00000000-0000-0000-0000-000000000000";

function subscriptionOf(request: ReceiverRequest): unknown {
  return valuesAt(unverifiedData(request), "subscriptionId")[0];
}

function keyIn(body: Buffer): string {
  return String(valuesAt(JSON.parse(body.toString("utf8")), "data.publicKey")[0]);
}
