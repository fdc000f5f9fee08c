import { createHash } from "node:crypto";
import {
  answerWhen,
  decryptCbc,
  defineReceiver,
  echoJson,
  type HandshakeOutcome,
  isSameText,
  listSetting,
  plainDigest,
  type ReceiverRequest,
  RequestError,
  unverifiedData,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Lark and Feishu: a SHA-256 of time, nonce, encrypt key and body in `X-Lark-Signature`; the body is encrypted with the same key,
 * and handlers see it opened. The event is `header.event_type`, in the older form `event.type`.
 */
export const lark = defineReceiver({
  name: "lark",
  aliases: ["feishu"],
  title: "Lark (Feishu)",
  docs: "https://open.larksuite.com/document/server-docs/event-subscription-guide/overview",
  category: "messaging and voice",
  confirmed: ["library", "vector"],
  setup: "Set an Encrypt Key under Events & Callbacks, Encryption Strategy of the app, then enter the URL as the request URL.",
  secretName: "the app's Encrypt Key",
  eventNames: "`header.event_type`, such as `im.message.receive_v1`; in the older form `event.type`, such as `message`.",
  notes: [
    "An app without an Encrypt Key is not supported: its events carry nothing but the verification token.",
    "The check of the URL is not signed; it is answered where it is encrypted with the configured key.",
    "Cards of the older kind, signed with the verification token, are refused.",
  ],
  settings: {
    verificationTokens: listSetting({
      about: "The app's verification token: with it, only a check of the URL that carries it is answered.",
    }),
  },
  verify: plainDigest({
    header: "X-Lark-Signature",
    timestampHeader: "X-Lark-Request-Timestamp",
    signed: "{timestamp}{header:X-Lark-Request-Nonce}{secret}{body}",
  }),
  decrypt: ({ data }, keys) => (valuesAt(data, "encrypt").length === 0 ? data : opened(data, keys)),
  events: { firstOf: [{ body: "header.event_type" }, { body: "event.type" }] },
  deliveryId: { firstOf: [{ body: "header.event_id" }, { body: "uuid" }] },
  sentAt: { from: { body: "header.create_time" }, unit: "milliseconds" },
  account: { firstOf: [{ body: "header.tenant_key" }, { body: "event.tenant_key" }] },
  handshakes: ({ verificationTokens }) => [
    { proof: "none", method: "POST", answer: (request, keys) => challenge(request, keys, verificationTokens) },
    answerWhen("type", "url_verification", ({ data }) => echoJson("challenge", valuesAt(data, "challenge")[0])),
  ],
  timeLimitMs: 3_000,
  sample: () => ({ headers: { "X-Lark-Request-Nonce": "1628735673" } }),
});

/** Whatever is wrong, the request is no handshake: so nobody learns from the answer how a decryption went. */
function challenge(request: ReceiverRequest, keys: readonly unknown[], tokens: readonly string[]): HandshakeOutcome {
  if (request.headers.all("X-Lark-Signature").length > 0 || request.body.length > maxCheckBytes) return undefined;
  let data: unknown;
  try {
    data = opened(unverifiedData(request), keys);
  } catch {
    return undefined;
  }
  const [type, token, text] = ["type", "token", "challenge"].map((name) => valuesAt(data, name)[0]);
  if (type !== "url_verification") return undefined;
  const isOurs = tokens.length === 0 || tokens.some((one) => typeof token === "string" && isSameText(one, token));
  return isOurs && typeof text === "string" && challengeForm.test(text) ? echoJson("challenge", text) : undefined;
}

/** A UUID, or some letters and digits: nothing of an event that somebody has captured and put there fits. */
const challengeForm = /^[\w-]{1,128}$/;

/** Far more than the check of a URL needs; a captured event does not fit. */
const maxCheckBytes = 1_024;

function opened(data: VerifiedRequest["data"], keys: readonly unknown[]): unknown {
  const [encrypted] = valuesAt(data, "encrypt");
  for (const key of keys as readonly Buffer[]) {
    try {
      const plain = decryptCbc(String(encrypted), { key: createHash("sha256").update(key).digest(), iv: "ciphertext" });
      return JSON.parse(plain.toString("utf8")) as unknown;
    } catch {
      // Another key may open it.
    }
  }
  throw new RequestError("malformed_body", "`encrypt` does not open with any configured Encrypt Key.");
}
