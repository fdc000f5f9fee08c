import { isUtf8 } from "node:buffer";
import { constants, createHmac, type KeyObject, sign } from "node:crypto";
import { decodeBase64Url } from "../encoding.ts";

/** The algorithms of RFC 7518, section 3.1, and RFC 8037. `none` is not among them. */
export const algorithms = {
  HS256: { kind: "secret", hash: "sha256" },
  HS384: { kind: "secret", hash: "sha384" },
  HS512: { kind: "secret", hash: "sha512" },
  RS256: { kind: "rsa", hash: "sha256" },
  RS384: { kind: "rsa", hash: "sha384" },
  RS512: { kind: "rsa", hash: "sha512" },
  PS256: { kind: "rsa", hash: "sha256", isPss: true },
  PS384: { kind: "rsa", hash: "sha384", isPss: true },
  PS512: { kind: "rsa", hash: "sha512", isPss: true },
  ES256: { kind: "ec", hash: "sha256", curve: "prime256v1" },
  ES384: { kind: "ec", hash: "sha384", curve: "secp384r1" },
  ES512: { kind: "ec", hash: "sha512", curve: "secp521r1" },
  EdDSA: { kind: "ed25519", hash: null },
} as const;

/** The name of an algorithm, as in a token's `alg`. */
export type JwtAlgorithm = keyof typeof algorithms;

/** Whether a key is of the kind that the algorithm takes. */
export function fitsAlgorithm(key: KeyObject, algorithm: JwtAlgorithm): boolean {
  const parameters = algorithms[algorithm];
  if (parameters.kind === "secret") return key.type === "secret";
  if (key.asymmetricKeyType !== parameters.kind) return false;
  return parameters.kind !== "ec" || key.asymmetricKeyDetails?.namedCurve === parameters.curve;
}

/** The protected header of a token, as far as it is believed: `jku`, `jwk`, `x5c` and `x5u` never are. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid?: string;
  /** False where the payload is signed as it is. RFC 7797. */
  readonly b64: boolean;
}

/** A token in its three parts, each in its one spelling. Nothing is proved yet. */
export interface TokenParts {
  readonly header: TokenHeader;
  readonly segments: readonly [header: string, payload: string, signature: string];
}

/**
 * Takes a token apart: three segments of base64url, unpadded and canonical, so that one token has one spelling. The payload
 * is empty where it is detached. Undefined if the text is anything else, or names an extension that we do not know.
 */
export function readToken(text: string, { isDetached }: { readonly isDetached: boolean }): TokenParts | undefined {
  const [first = "", payload = "", signature = "", ...more] = text.split(".", 4);
  if (more.length > 0 || isDetached !== (payload === "")) return undefined;
  const signed = [first, signature, ...(isDetached ? [] : [payload])];
  if (signed.some((segment) => segment === "" || segment.endsWith("=") || decodeBase64Url(segment) === undefined)) return undefined;
  const header = readHeader(first, isDetached);
  return header && { header, segments: [first, payload, signature] };
}

/** The JSON object in a segment, or undefined. */
export function readObject(segment: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decodeBase64Url(segment);
  if (!bytes || !isUtf8(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A signed token. A detached payload is signed as it is and left out. */
export function writeToken(
  header: Readonly<Record<string, unknown>> & { readonly alg: JwtAlgorithm },
  payload: Readonly<Record<string, unknown>> | { readonly detached: Buffer },
  key: KeyObject,
): string {
  const detached = Buffer.isBuffer(payload["detached"]) ? payload["detached"] : undefined;
  const first = segmentOf(detached ? { ...header, b64: false, crit: ["b64"] } : header);
  const second = detached ? "" : segmentOf(payload);
  const signature = signatureOf(Buffer.concat([Buffer.from(`${first}.`), detached ?? Buffer.from(second)]), header.alg, key);
  return `${first}.${second}.${signature.toString("base64url")}`;
}

function readHeader(segment: string, isDetached: boolean): TokenHeader | undefined {
  const { alg, kid, crit, b64 } = readObject(segment) ?? {};
  const isCritical = Array.isArray(crit) && crit.length === 1 && crit[0] === "b64";
  if (typeof alg !== "string" || (crit !== undefined && !isCritical)) return undefined;
  // `b64` must be critical, and a token that carries its payload must not have it. RFC 7797, sections 6 and 7.
  if (b64 === undefined ? isCritical : !isDetached || !isCritical || typeof b64 !== "boolean") return undefined;
  return { alg, b64: b64 !== false, ...(typeof kid === "string" ? { kid } : {}) };
}

function segmentOf(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signatureOf(text: Buffer, algorithm: JwtAlgorithm, key: KeyObject): Buffer {
  const parameters = algorithms[algorithm];
  switch (parameters.kind) {
    case "secret":
      return createHmac(parameters.hash, key).update(text).digest();
    case "rsa":
      return sign(parameters.hash, text, "isPss" in parameters ? { key, ...pss } : key);
    case "ec":
      return sign(parameters.hash, text, { key, dsaEncoding: "ieee-p1363" });
    case "ed25519":
      return sign(null, text, key);
  }
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
