import { createHash, type KeyObject, verify } from "node:crypto";
import {
  choiceSetting,
  decodeBase64,
  defineReceiver,
  failed,
  fixedAnswer,
  type HandshakeOutcome,
  publicKeyOf,
  type ReceiverRequest,
  type RemoteDocument,
  type Scheme,
} from "../src/receiver/index.ts";

/**
 * eBay, platform notifications: ECDSA with SHA-1 over the body in `X-EBAY-SIGNATURE`. Its key is asked of eBay by id, with the
 * application's credentials. The event is `metadata.topic`. The challenge of the URL is answered.
 */
export const ebay = defineReceiver({
  name: "ebay",
  title: "eBay",
  docs: "https://developer.ebay.com/api-docs/commerce/notification/overview.html",
  category: "commerce",
  confirmed: ["library", "vector"],
  setup:
    "Under Alerts and Notifications in the developer account, enter this URL and a verification token of your own. Configure them here first.",
  secretName: "`<verification token>:<client id>:<client secret>`; the credentials go to eBay alone, to ask for keys",
  eventNames: "`metadata.topic`, such as `MARKETPLACE_ACCOUNT_DELETION`.",
  notes: [
    "The challenge covers the URL: `publicUrl` must be the one that is entered at eBay. It is answered with the newest verification token.",
    "The keys sign for every application of eBay; only the challenge ties the URL to yours. No time is signed; leave deduplication on.",
    "While eBay refuses the credentials or does not know the key's id, deliveries are answered 503 and come again.",
  ],
  settings: {
    environment: choiceSetting(["production", "sandbox"], {
      about: "eBay's environment, to which the credentials belong.",
      default: "production",
    }),
  },
  verify: ({ environment }) => byKeyId(environment === "sandbox" ? "https://api.sandbox.ebay.com" : "https://api.ebay.com"),
  events: { body: "metadata.topic" },
  deliveryId: { body: "notification.notificationId" },
  sentAt: { from: { body: "notification.publishDate" }, unit: "iso" },
  retryNumber: { body: "notification.publishAttemptCount" },
  handshakes: [{ proof: "none", method: "GET", answer: answerChallenge }],
  refusal: { status: 412 },
});

interface Application {
  readonly verificationToken: string;
  readonly credentials: string;
}

function answerChallenge({ query, url }: ReceiverRequest, keys: readonly unknown[]): HandshakeOutcome {
  const [code = "", ...more] = query.getAll("challenge_code");
  const [newest] = keys as readonly Application[];
  if (code === "" || code.length > 1_024 || more.length > 0 || newest === undefined) return "malformed";
  const [endpoint = ""] = url.split("?");
  return fixedAnswer(200, {
    challengeResponse: createHash("sha256")
      .update(code + newest.verificationToken + endpoint)
      .digest("hex"),
  });
}

function byKeyId(origin: string): Scheme<Application> {
  return {
    name: "ecdsa",
    secret: {
      description: "`<verification token>:<client id>:<client secret>`",
      parse(text) {
        const [, verificationToken, credentials] = /^([\w-]{32,80}):([^\s:]+:[^\s:]+)$/.exec(text) ?? [];
        return verificationToken && credentials ? { verificationToken, credentials } : undefined;
      },
      byteLength: (text) => Buffer.byteLength(text),
    },
    bodyBound: true,
    signsUrl: false,
    isRemote: true,
    proofHeaders: ["x-ebay-signature"],
    proofParameters: [],
    async verify({ headers, body }, keys, { remote }) {
      const [value, ...more] = headers.all("x-ebay-signature").filter((text) => text !== "");
      if (more.length > 0) return failed("signature_repeated", "The header x-ebay-signature occurs more than once.");
      if (value === undefined) return failed("signature_missing", "The header x-ebay-signature is missing.");
      const { kid, signature } = readHeader(value) ?? {};
      if (kid === undefined || signature === undefined)
        return failed("signature_malformed", "The header x-ebay-signature is not an ECDSA signature with SHA-1 and the id of its key.");
      if (!remote) throw new TypeError("The proof needs keys from the provider, and nothing fetches them.");
      for (const [secretIndex, { credentials }] of keys.entries()) {
        const accessToken = await remote.load(tokenDocument(origin, credentials));
        const key = await remote.load(keyDocument(origin, kid, credentials, accessToken));
        if (verify("sha1", body, key, signature)) return { verified: true, secretIndex };
      }
      return failed("signature_mismatch", "The key does not match, or the body was changed on its way.");
    },
  };
}

function readHeader(value: string): { readonly kid: string; readonly signature: Buffer } | undefined {
  try {
    const { alg, kid, signature, digest } = JSON.parse(decodeBase64(value)?.toString("latin1") ?? "");
    const bytes = typeof signature === "string" ? decodeBase64(signature) : undefined;
    const isKnown = /^ecdsa$/i.test(alg) && /^sha-?1$/i.test(digest) && typeof kid === "string" && /^[A-Za-z0-9-]{1,64}$/.test(kid);
    return isKnown && bytes !== undefined && bytes.length <= 80 ? { kid, signature: bytes } : undefined;
  } catch {
    return undefined;
  }
}

/** An application's token, good for two hours. */
function tokenDocument(origin: string, credentials: string): RemoteDocument<string> {
  return {
    url: `${origin}/identity/v1/oauth2/token`,
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials&scope=https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope",
    cacheKey: `${origin} token ${ownerOf(credentials)}`,
    parse({ body }) {
      const { access_token: token } = JSON.parse(body.toString("utf8")) as { readonly access_token?: unknown };
      if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) throw new TypeError("Expected an access token.");
      return token;
    },
  };
}

function keyDocument(origin: string, keyId: string, credentials: string, accessToken: string): RemoteDocument<KeyObject> {
  return {
    url: `${origin}/commerce/notification/v1/public_key/${keyId}`,
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    cacheKey: `${origin} key ${keyId} ${ownerOf(credentials)}`,
    parse({ body }) {
      const { key: pem } = JSON.parse(body.toString("utf8")) as { readonly key?: unknown };
      const key = typeof pem === "string" ? publicKeyOf(pem.replace(/-----[A-Z ]+-----|\s/g, "")) : undefined;
      if (key?.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new TypeError("Expected a public key on P-256.");
      return key;
    },
  };
}

/** Names credentials in the cache without telling them. */
function ownerOf(credentials: string): string {
  return createHash("sha256").update(credentials).digest("hex").slice(0, 32);
}
