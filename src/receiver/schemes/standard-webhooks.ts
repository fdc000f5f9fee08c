import { type KeyObject, sign, verify } from "node:crypto";
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
  /** Prefix of the three headers, or several, of which a request uses one. Default `webhook`. */
  readonly headerPrefix?: string | readonly [string, ...string[]];
  /** Form of the shared secret where it is not base64, with or without `whsec_` before it. There is no `v1a` then. */
  readonly secret?: SecretFormat<Buffer>;
  /** How far the signed time may lie from now. Default 300 s both ways, as in the reference libraries. */
  readonly tolerance?: Tolerance;
}

/**
 * Standard Webhooks 1.0.0: `{id}.{timestamp}.{body}`, signed with HMAC-SHA256 (`v1`) or Ed25519 (`v1a`), several
 * signatures in one header. A secret takes part only in the version that it is for.
 */
export function standardWebhooks(options: StandardWebhooksOptions = {}): LocalScheme<StandardWebhooksKey> {
  const { headerPrefix = "webhook", tolerance = { pastSeconds: 300, futureSeconds: 300 } } = options;
  const [first, ...others] = typeof headerPrefix === "string" ? ([headerPrefix] as const) : headerPrefix;
  const families: HeaderFamilies = [namesUnder(first), ...others.map(namesUnder)];
  return {
    name: "standard-webhooks",
    signsWithSecret: true,
    secret: options.secret ? sharedOnly(options.secret) : standardSecret,
    bodyBound: true,
    signsUrl: false,
    proofHeaders: families.flatMap(({ signature, id, timestamp }) => [signature, id, timestamp]),
    proofParameters: [],
    toleranceSeconds: tolerance.pastSeconds,
    ...(families.length > 1 ? { alternativeHeaders: families.map(({ signature }) => signature) } : {}),

    verify(request: ReceiverRequest, keys: readonly StandardWebhooksKey[], context: VerifyContext): Verification {
      const names = familyOf(request, families);
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
      const names = familyOf(request, families);
      const id = request.headers.get(names.id);
      if (!id) throw new TypeError(`sign: set the header ${names.id} first; it is signed.`);
      const timestamp = String(Math.floor(context.now));
      const signature = signStandard(secret, [`${id}.${timestamp}.`, request.body], options.secret);
      return { headers: { [names.timestamp]: timestamp, [names.signature]: signature } };
    },
  };
}

/** Names of the three headers. */
type HeaderNames = Readonly<Record<"id" | "timestamp" | "signature", string>>;

type HeaderFamilies = readonly [HeaderNames, ...HeaderNames[]];

function namesUnder(prefix: string): HeaderNames {
  return { id: `${prefix}-id`, timestamp: `${prefix}-timestamp`, signature: `${prefix}-signature` };
}

/**
 * The headers that a request uses: the first prefix under which it has any. So whoever adds an id under another prefix to a
 * signed request, for it to be read as a new delivery, makes it be refused.
 */
function familyOf({ headers }: ReceiverRequest, families: HeaderFamilies): HeaderNames {
  if (families.length === 1) return families[0];
  return families.find((names) => Object.values(names).some((name) => headers.all(name).length > 0)) ?? families[0];
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

function sharedOnly(format: SecretFormat<Buffer>): SecretFormat<StandardWebhooksKey> {
  return {
    description: format.description,
    parse(text) {
      const key = format.parse(text);
      return key && { version: "v1", key };
    },
    byteLength: (text) => format.byteLength(text),
  };
}

function isPublicKey(text: string): boolean {
  return text.startsWith("whpk_") || text.startsWith("-----BEGIN");
}

function signStandard(secret: string, pieces: readonly (string | Buffer)[], format?: SecretFormat<Buffer>): string {
  if (!format && (secret.startsWith("whsk_") || secret.startsWith("-----BEGIN"))) {
    const key = ed25519PrivateKey(secret);
    if (!key) throw new TypeError("sign: expected `whsk_` and base64 of an Ed25519 private key, or PEM.");
    return `v1a,${sign(null, joinPieces(pieces), key).toString("base64")}`;
  }
  const { parse, description } = format ?? sharedSecret;
  const key = parse(secret);
  if (!key) throw new TypeError(`sign: the secret is not ${description}.`);
  return `v1,${digest("sha256", key, pieces).toString("base64")}`;
}

/** The signatures of each version, in either order. What is of another version, or not in the form of its own, is left out. */
function readVersions(value: string): { readonly v1: readonly Buffer[]; readonly v1a: readonly Buffer[] } | undefined {
  const found: { v1: Buffer[]; v1a: Buffer[] } = { v1: [], v1a: [] };
  let entries = 0;
  for (let start = 0; start < value.length; ) {
    const blank = value.indexOf(" ", start);
    const end = blank < 0 ? value.length : blank;
    if (end > start && ++entries > maxSignatures) return undefined;
    if (value.startsWith("v1,", start)) addSignature(found.v1, value.slice(start + 3, end), 32);
    else if (value.startsWith("v1a,", start)) addSignature(found.v1a, value.slice(start + 4, end), 64);
    start = end + 1;
  }
  return found.v1.length + found.v1a.length > 0 ? found : undefined;
}

/** Adds a signature of so many bytes if the text is their one spelling in base64: looser text does not come out as it went in. */
function addSignature(signatures: Buffer[], text: string, length: number): void {
  if (text.length !== Math.ceil(length / 3) * 4) return;
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === length && bytes.toString("base64") === text) signatures.push(bytes);
}
