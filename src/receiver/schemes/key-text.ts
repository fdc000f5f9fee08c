import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from "node:crypto";
import { decodeBase64 } from "../encoding.ts";

/**
 * A public key from its text: PEM (`PUBLIC KEY`, `RSA PUBLIC KEY`, or one `CERTIFICATE`, of which nothing but the key is
 * used), or SPKI in bare base64. Line breaks may be written `\n`, as in environment files. Undefined for anything else: a
 * private key is not taken for its public half.
 */
export function publicKeyOf(text: string): KeyObject | undefined {
  if (!text.startsWith("-----BEGIN ")) return attempt(() => publicDer(decodeBase64(text)));
  const pem = text.replaceAll("\\n", "\n");
  const [, kind, ...more] = pem.split(/-----BEGIN ([A-Z0-9 ]+)-----/);
  if (more.length !== 1) return undefined;
  if (kind === "CERTIFICATE") return attempt(() => new X509Certificate(pem).publicKey);
  return kind === "PUBLIC KEY" || kind === "RSA PUBLIC KEY" ? attempt(() => createPublicKey(pem)) : undefined;
}

/** A public key from a JSON Web Key, or undefined. Symmetric keys are none. RFC 7517. */
export function publicKeyOfJwk(jwk: unknown): KeyObject | undefined {
  return attempt(() => createPublicKey({ key: jwk as JsonWebKey, format: "jwk" }));
}

/** A key to sign with, and what else signing needs where the key is not what is configured. */
export interface SigningKey {
  readonly key: KeyObject;
  /** The `kid` of a JSON Web Key. */
  readonly keyId?: string;
  /** The configured text, where that is not the key. */
  readonly secret?: string;
}

/**
 * A private key from its text: PEM, PKCS #8 in bare base64, a JSON Web Key, or JSON with any of these as `key` and the
 * configured text as `secret`. Undefined for anything else.
 */
export function signingKeyOf(text: string): SigningKey | undefined {
  if (!text.startsWith("{")) {
    const der = text.startsWith("-----BEGIN ") ? undefined : decodeBase64(text);
    const key = attempt(() => createPrivateKey(der ? { key: der, format: "der", type: "pkcs8" } : text.replaceAll("\\n", "\n")));
    return key && { key };
  }
  const members = attempt((): unknown => JSON.parse(text)) as { key?: unknown; secret?: unknown; kid?: unknown } | undefined;
  if (members === undefined) return undefined;
  if (members.key !== undefined) {
    const inner = signingKeyOf(typeof members.key === "string" ? members.key : JSON.stringify(members.key));
    return inner && (typeof members.secret === "string" ? { ...inner, secret: members.secret } : inner);
  }
  const key = attempt(() => createPrivateKey({ key: members as JsonWebKey, format: "jwk" }));
  return key && (typeof members.kid === "string" ? { key, keyId: members.kid } : { key });
}

/** Whether an RSA key is one to rely on: at least `minBits` long, at most 16,384, with an exponent that encrypts. */
export function isSoundRsa({ asymmetricKeyDetails }: KeyObject, minBits = 2048): boolean {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
  return modulusLength >= minBits && modulusLength <= 16_384 && publicExponent >= 3n && publicExponent % 2n === 1n;
}

/** OpenSSL reads past the end of a key in silence; so its own spelling must be the one that was given. */
function publicDer(der: Buffer | undefined): KeyObject | undefined {
  if (!der || der.length === 0) return undefined;
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  return key.export({ format: "der", type: "spki" }).equals(der) ? key : undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
