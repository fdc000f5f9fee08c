import { type KeyObject, sign, verify } from "node:crypto";
import { decodeBase64 } from "../encoding.ts";
import type { ReceiverRequest } from "../request.ts";
import { base64Secret, type SecretFormat } from "../secret-format.ts";
import { failed, type LocalScheme, type Verification, type VerifyContext } from "../verification.ts";
import { ed25519PrivateKey, ed25519PublicKey } from "./ed25519-keys.ts";
import { digest, matchesAny, matchingKey, mismatch } from "./hmac.ts";
import { maxSignatures } from "./signature-list.ts";
import { joinPieces } from "./signed-message.ts";
import { checkTimestamp, type Tolerance } from "./timestamp.ts";

/** A key of the standard: a shared secret for `v1`, or a public key for `v1a`. */
export type StandardWebhooksKey = { readonly version: "v1"; readonly key: Buffer } | { readonly version: "v1a"; readonly key: KeyObject };

/** What differs between providers that follow the standard. */
export interface StandardWebhooksOptions {
  /** Prefix of the three headers. Default `webhook`. */
  readonly headerPrefix?: string;
  /** How far the signed time may lie from now. Default 300 s both ways, as in the reference libraries. */
  readonly tolerance?: Tolerance;
}

/**
 * Standard Webhooks 1.0.0: `{id}.{timestamp}.{body}`, signed with HMAC-SHA256 (`v1`) or Ed25519 (`v1a`), several
 * signatures in one header. A secret takes part only in the version that it is for.
 */
export function standardWebhooks(options: StandardWebhooksOptions = {}): LocalScheme<StandardWebhooksKey> {
  const { headerPrefix = "webhook", tolerance = { pastSeconds: 300, futureSeconds: 300 } } = options;
  const names = { id: `${headerPrefix}-id`, timestamp: `${headerPrefix}-timestamp`, signature: `${headerPrefix}-signature` };
  return {
    name: "standard-webhooks",
    signsWithSecret: true,
    secret: standardSecret,
    bodyBound: true,
    signsUrl: false,
    proofHeaders: [names.signature, names.id, names.timestamp],
    proofParameters: [],
    toleranceSeconds: tolerance.pastSeconds,

    verify(request: ReceiverRequest, keys: readonly StandardWebhooksKey[], context: VerifyContext): Verification {
      const value = request.headers.get(names.signature);
      if (value === undefined || value === "") {
        return request.headers.all(names.signature).length > 1
          ? failed("signature_repeated", `The header ${names.signature} occurs more than once.`)
          : failed("signature_missing", `The header ${names.signature} is missing.`);
      }
      const id = request.headers.get(names.id);
      const timestamp = request.headers.get(names.timestamp);
      if (!id || !timestamp) return failed("signed_part_missing", `The header ${id ? names.timestamp : names.id} is missing or repeated.`);
      const stale = checkTimestamp(timestamp, tolerance, context);
      if (stale) return stale;
      const signatures = readVersions(value);
      if (!signatures) return failed("signature_malformed", `The header ${names.signature} holds no \`v1\` or \`v1a\` signature.`);
      const pieces = [`${id}.${timestamp}.`, request.body];
      const secretIndex = matchingKey(keys, (key) =>
        key.version === "v1"
          ? matchesAny(digest("sha256", key.key, pieces), signatures.v1)
          : signatures.v1a.some((signature) => verify(null, joinPieces(pieces), key.key, signature)),
      );
      return secretIndex < 0 ? failed("signature_mismatch", mismatch(keys.length, false)) : { verified: true, secretIndex };
    },

    sign(request: ReceiverRequest, secret: string, context: VerifyContext) {
      const id = request.headers.get(names.id);
      if (!id) throw new TypeError(`sign: set the header ${names.id} first; it is signed.`);
      const timestamp = String(Math.floor(context.now));
      const signature = signStandard(secret, [`${id}.${timestamp}.`, request.body]);
      return { headers: { [names.timestamp]: timestamp, [names.signature]: signature } };
    },
  };
}

/** `whsec_` and base64 for `v1` (the prefix may be absent), `whpk_` and base64 or PEM for `v1a`. */
const standardSecret: SecretFormat<StandardWebhooksKey> = {
  description: "`whsec_` and base64 of 24 to 64 bytes, or `whpk_` and base64 of an Ed25519 public key",
  parse(text) {
    if (isPublicKey(text)) {
      const key = ed25519PublicKey.parse(text);
      return key && { version: "v1a", key };
    }
    const key = sharedSecret.parse(text);
    return key && { version: "v1", key };
  },
  byteLength: (text) => (isPublicKey(text) ? ed25519PublicKey.byteLength(text) : sharedSecret.byteLength(text)),
};

const sharedSecret = base64Secret("whsec_");

function isPublicKey(text: string): boolean {
  return text.startsWith("whpk_") || text.startsWith("-----BEGIN");
}

function signStandard(secret: string, pieces: readonly (string | Buffer)[]): string {
  if (secret.startsWith("whsk_") || secret.startsWith("-----BEGIN")) {
    const key = ed25519PrivateKey(secret);
    if (!key) throw new TypeError("sign: expected `whsk_` and base64 of an Ed25519 private key, or PEM.");
    return `v1a,${sign(null, joinPieces(pieces), key).toString("base64")}`;
  }
  const key = sharedSecret.parse(secret);
  if (!key) throw new TypeError(`sign: the secret is not ${sharedSecret.description}.`);
  return `v1,${digest("sha256", key, pieces).toString("base64")}`;
}

function readVersions(value: string): { v1: Buffer[]; v1a: Buffer[] } | undefined {
  const entries = value.split(" ").filter((entry) => entry !== "");
  if (entries.length > maxSignatures) return undefined;
  const found: { v1: Buffer[]; v1a: Buffer[] } = { v1: [], v1a: [] };
  for (const entry of entries) {
    const comma = entry.indexOf(",");
    const version = entry.slice(0, comma);
    const bytes = decodeBase64(entry.slice(comma + 1));
    if (version === "v1" && bytes?.length === 32) found.v1.push(bytes);
    else if (version === "v1a" && bytes?.length === 64) found.v1a.push(bytes);
  }
  return found.v1.length + found.v1a.length > 0 ? found : undefined;
}
