import { createHash } from "node:crypto";
import {
  checkTimestamp,
  decryptCbc,
  defineReceiver,
  echo,
  failed,
  type HandshakeOutcome,
  isSameText,
  type LocalScheme,
  matchingKey,
  type ReceiverRequest,
  RequestError,
  readSource,
  readXml,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * WeChat Official Accounts and WeCom: a SHA-1 over the sorted token, time, nonce and, in the encrypted mode, ciphertext, in the
 * URL. Handlers see the message opened. The event is `MsgType` with `Event`, or `InfoType`. The URL is checked by GET.
 */
export const wechat = defineReceiver({
  name: "wechat",
  aliases: ["wecom"],
  title: "WeChat",
  docs: "https://developers.weixin.qq.com/doc/offiaccount/en/Basic_Information/Access_Overview.html",
  category: "messaging and voice",
  confirmed: "library",
  setup:
    "Enter URL, Token and EncodingAESKey under Basic Configuration of the account (in WeCom: of the app), and choose the encrypted mode.",
  secretName: "`<token>:<EncodingAESKey>:<app id or corp id>`, or `<token>` alone for the plain mode",
  eventNames: "`MsgType` and `Event`, such as `text`, `event.subscribe` or `event.CLICK`; or `InfoType`.",
  notes: [
    "In the plain mode the message is not signed. Where an EncodingAESKey is configured, only encrypted messages are taken.",
    "The answer is `success`. An answer in the encrypted mode must be encrypted by the handler itself.",
    "The receiver wants a token of 16 characters or more; WeChat takes shorter ones.",
  ],
  verify: signedSorted(),
  body: { kinds: ["xml", "json", "text"] },
  decrypt({ request, data }, keys) {
    const encrypted = encryptedOf(request);
    return encrypted === undefined ? data : parseMessage(openedByAny(encrypted, keys));
  },
  data: ({ data }) => valuesAt(data, "xml")[0] ?? data,
  events: { firstOf: [{ joined: [{ body: "MsgType" }, { body: "Event" }] }, { body: "InfoType" }] },
  deliveryId: deliveryIdOf,
  sentAt: { from: { firstOf: [{ body: "CreateTime" }, { body: "TimeStamp" }] }, unit: "seconds" },
  account: { firstOf: [{ body: "ToUserName" }, { body: "AuthCorpId" }] },
  handshakes: [{ proof: "scheme", method: "GET", answer: answerCheck }],
  respond: { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "success" },
  timeLimitMs: 5_000,
  sample: (_event, id) => ({ body: { MsgId: id } }),
});

/** A message's own id. An event has none, and one user may cause several in a second: what it says tells them apart, and a retry says it again. */
function deliveryIdOf(verified: VerifiedRequest): string | undefined {
  const [id] = readSource({ body: "MsgId" }, verified);
  if (id !== undefined) return id;
  const [user, time, event] = ["FromUserName", "CreateTime", "Event"].map((name) => readSource({ body: name }, verified)[0]);
  if (user === undefined || time === undefined || event === undefined) return undefined;
  return `${user}.${time}.${createHash("sha256").update(JSON.stringify(verified.data)).digest("hex")}`;
}

interface WechatKey {
  readonly token: string;
  readonly aesKey?: Buffer;
  readonly id?: string;
}

function signedSorted(): LocalScheme<WechatKey> {
  return {
    name: "digest",
    secret: {
      description: "`<token>:<EncodingAESKey>:<app id>`, or `<token>`",
      parse: keyOf,
      byteLength: (text) => text.split(":")[0]?.length ?? 0,
    },
    bodyBound: false,
    signsUrl: false,
    proofHeaders: [],
    proofParameters: ["msg_signature", "signature", "timestamp", "nonce"],
    toleranceSeconds: 300,

    verify(request, keys, context) {
      const { query } = request;
      const encrypted = encryptedOf(request);
      const isEncrypted = query.has("msg_signature");
      const parts = [isEncrypted ? "msg_signature" : "signature", "timestamp", "nonce"].map((name) => query.getAll(name));
      if (parts.some((values) => values.length > 1)) return failed("signature_repeated", "A parameter of the proof occurs more than once.");
      const [given, timestamp, nonce] = parts.map(([value]) => value);
      if (!given || !timestamp || !nonce) return failed("signature_missing", "The URL lacks signature, timestamp or nonce.");
      const stale = checkTimestamp(timestamp, { pastSeconds: 300, futureSeconds: 60 }, context);
      if (stale?.verified === false) return stale;
      if (isEncrypted && encrypted === undefined) return failed("signed_part_missing", "There is no one encrypted text.");
      const secretIndex = matchingKey(keys, (key) => {
        // A plain message must not pass where an encrypted one is due; the check of the URL is plain in either mode.
        if (!isEncrypted && key.aesKey && request.method !== "GET") return false;
        const isSigned = isSameText(sortedHash([key.token, timestamp, nonce, ...(isEncrypted ? [encrypted ?? ""] : [])]), given);
        return isSigned && (!isEncrypted || opened(encrypted ?? "", key) !== undefined);
      });
      return secretIndex < 0
        ? failed(
            "signature_mismatch",
            "The token or another part of the key does not match, or a plain message came where encrypted ones are configured.",
          )
        : { verified: true, secretIndex, bodyBound: isEncrypted };
    },

    sign(request, secret, { now }) {
      const key = keyOf(secret);
      if (!key) throw new TypeError("sign: the secret is not `<token>:<EncodingAESKey>:<app id>` or `<token>`.");
      const check = request.query.get("echostr") ?? "";
      const encrypted = request.method === "GET" ? (opened(check, key) === undefined ? undefined : check) : encryptedOf(request);
      const [timestamp, nonce] = [String(Math.floor(now)), "1320562132"];
      const signature = sortedHash([key.token, timestamp, nonce, ...(encrypted === undefined ? [] : [encrypted])]);
      const parameters = new URLSearchParams({ [encrypted === undefined ? "signature" : "msg_signature"]: signature, timestamp, nonce });
      return { headers: {}, url: `${request.url}${request.url.includes("?") ? "&" : "?"}${parameters}` };
    },
  };
}

function keyOf(text: string): WechatKey | undefined {
  const [, token, aesText, id] = /^([A-Za-z0-9_-]{3,64})(?::([A-Za-z0-9+/]{43}):([\w-]{3,64}))?$/.exec(text) ?? [];
  if (token === undefined) return undefined;
  const aesKey = aesText === undefined ? undefined : Buffer.from(`${aesText}=`, "base64");
  return aesKey && id !== undefined ? { token, aesKey, id } : { token };
}

function sortedHash(parts: readonly string[]): string {
  return createHash("sha1")
    .update([...parts].sort().join(""))
    .digest("hex");
}

/** The one ciphertext: of the check of the URL, where it is signed as one, or of the body. */
function encryptedOf({ method, query, body }: ReceiverRequest): string | undefined {
  if (method === "GET") return query.has("msg_signature") ? (query.get("echostr") ?? undefined) : undefined;
  const found = [
    ...body
      .toString("utf8")
      .matchAll(/<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*<\/Encrypt>|"Encrypt"\s*:\s*"([A-Za-z0-9+/=]+)"/g),
  ];
  return found.length === 1 ? (found[0]?.[1] ?? found[0]?.[2]) : undefined;
}

function openedByAny(encrypted: string, keys: readonly unknown[]): string {
  for (const key of keys as readonly WechatKey[]) {
    const text = opened(encrypted, key);
    if (text !== undefined) return text;
  }
  throw new RequestError("malformed_body", "The encrypted text does not open with any configured key.");
}

/** 16 random bytes, the length in four bytes, the message, and the id of the account that it is for. */
function opened(encrypted: string, { aesKey, id = "" }: WechatKey): string | undefined {
  const plain = aesKey && decrypted(encrypted, aesKey);
  if (!plain || plain.length < 20) return undefined;
  const end = 20 + plain.readUInt32BE(16);
  return end <= plain.length && isSameText(id, plain.subarray(end)) ? plain.toString("utf8", 20, end) : undefined;
}

function decrypted(encrypted: string, key: Buffer): Buffer | undefined {
  try {
    return decryptCbc(encrypted, { key, iv: "key", paddingBlock: 32 });
  } catch {
    return undefined;
  }
}

function answerCheck({ request }: VerifiedRequest, keys: readonly unknown[]): HandshakeOutcome {
  const text = request.query.get("echostr");
  return text !== null && request.query.has("msg_signature") ? echo(openedByAny(text, keys)) : echo(text);
}

/** A decrypted message: JSON or XML. */
async function parseMessage(text: string): Promise<unknown> {
  if (!text.trimStart().startsWith("{")) return readXml(text);
  try {
    return JSON.parse(text, withExactIntegers) as unknown;
  } catch {
    throw new RequestError("malformed_body", "The decrypted message is no JSON.");
  }
}

/** Ids past 2^53 as their digits: as numbers, two of them could become one. */
const withExactIntegers = ((_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER ? (context?.source ?? value) : value) as (
  key: string,
  value: unknown,
) => unknown;
