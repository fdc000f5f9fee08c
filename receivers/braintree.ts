import { createHash } from "node:crypto";
import {
  decodeBase64,
  decodeHex,
  defineReceiver,
  digest,
  echo,
  failed,
  type HandshakeOutcome,
  type LocalScheme,
  matchesAny,
  matchingKey,
  type ReceiverRequest,
  RequestError,
  readPlace,
  readXml,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Braintree: HMAC-SHA1 of the form field `bt_payload`, beside the public key in `bt_signature`. Handlers see the notification's
 * XML with its kind and time; the event is the kind. A GET with `bt_challenge` is answered with its HMAC.
 */
export const braintree = defineReceiver({
  name: "braintree",
  title: "Braintree",
  docs: "https://developer.paypal.com/braintree/docs/guides/webhooks/overview",
  category: "payments and billing",
  confirmed: "library",
  setup: "Create the webhook under Settings, API, Webhooks in the Control Panel; the keys stand under Settings, API, API Keys.",
  secretName: "`<public key>:<private key>` of the API key that the webhook was made with",
  eventNames: "The notification's `kind`, such as `subscription_charged_successfully` or `dispute_opened`.",
  notes: [
    "A signature counts only beside the public key that is configured with its private key.",
    "The answer to `bt_challenge` signs what a stranger sends, so a payload in the form of a challenge is refused.",
    "The data is the notification inside the payload, as [XML](../receiving.md#bodies): `kind`, `timestamp`, `subject`. It has no identifier.",
  ],
  verify: signedPayload(),
  body: "form",
  data: notificationOf,
  events: { body: "kind" },
  sentAt: { from: { firstOf: [{ body: "timestamp.#text" }, { body: "timestamp" }] }, unit: "iso" },
  handshakes: [{ proof: "none", method: "GET", answer: answerChallenge }],
});

interface ApiKey {
  readonly publicKey: string;
  readonly key: Buffer;
}

const challengeForm = /^[a-f0-9]{20,32}$/;

function signedPayload(): LocalScheme<ApiKey> {
  return {
    name: "hmac",
    secret: { description: "`<public key>:<private key>`", parse: apiKey, byteLength: (text) => text.length },
    bodyBound: true,
    signsUrl: false,
    proofHeaders: [],
    proofParameters: [],
    verify(request, keys) {
      const [signature, ...more] = readPlace(request, { body: "bt_signature" });
      const payload = payloadOf(request);
      if (signature === undefined || more.length > 0) return failed("signature_missing", "The field bt_signature is missing or repeated.");
      if (payload === undefined) return failed("signature_malformed", "The field bt_payload is missing, repeated or not in base64.");
      const pairs = signature.split("&").map((pair) => pair.split("|"));
      const secretIndex = matchingKey(keys, ({ publicKey, key }) => {
        const given = pairs.filter(([name]) => name === publicKey).flatMap(([, hex]) => decodeHex(hex ?? "") ?? []);
        return [payload, `${payload}\n`].some((text) => matchesAny(digest("sha1", key, [text]), given));
      });
      return secretIndex < 0
        ? failed("signature_mismatch", "No signature beside a configured public key matches.")
        : { verified: true, secretIndex };
    },
    sign(request, secret) {
      const key = apiKey(secret);
      const payload = payloadOf(request);
      if (!key || payload === undefined) throw new TypeError("sign: expected `<public key>:<private key>` and a field bt_payload.");
      const signature = `${key.publicKey}|${digest("sha1", key.key, [payload]).toString("hex")}`;
      return { headers: {}, body: Buffer.from(new URLSearchParams({ bt_signature: signature, bt_payload: payload }).toString()) };
    },
  };
}

function apiKey(text: string): ApiKey | undefined {
  const [, publicKey, secret] = /^([a-z0-9_]+):(\S+)$/i.exec(text) ?? [];
  if (publicKey === undefined || secret === undefined) return undefined;
  return { publicKey, key: createHash("sha1").update(secret, "latin1").digest() };
}

/** The one payload, in Braintree's alphabet; never what could be a challenge that was answered. */
function payloadOf(request: ReceiverRequest): string | undefined {
  const [payload = "", ...more] = readPlace(request, { body: "bt_payload" });
  return more.length === 0 && /^[A-Za-z0-9+/=\n]+$/.test(payload) && !challengeForm.test(payload.trim()) ? payload : undefined;
}

/** The notification inside the payload: kind, time and subject. */
async function notificationOf({ request }: VerifiedRequest): Promise<unknown> {
  const xml = decodeBase64(payloadOf(request)?.replaceAll("\n", "") ?? "")?.toString("utf8");
  const [notification] = valuesAt(await readXml(xml ?? ""), "notification");
  if (typeof valuesAt(notification, "kind")[0] !== "string")
    throw new RequestError("malformed_body", "The payload is no notification with a kind.");
  return notification;
}

function answerChallenge({ query }: ReceiverRequest, keys: readonly unknown[]): HandshakeOutcome {
  const [challenge, ...more] = query.getAll("bt_challenge");
  const [newest] = keys as readonly ApiKey[];
  if (challenge === undefined || more.length > 0 || !newest || !challengeForm.test(challenge)) return "malformed";
  return echo(`${newest.publicKey}|${digest("sha1", newest.key, [challenge]).toString("hex")}`);
}
