import { constants, createHmac, createPrivateKey, createPublicKey, createSecretKey, type KeyObject, sign, verify } from "node:crypto";
import { decodeBase64, decodeHex } from "../encoding.ts";
import { base64Secret, hexSecret, type SecretFormat, textSecret } from "../secret-format.ts";
import { matchesAny } from "./hmac.ts";

/** Algorithms of HTTP signatures, by their names in RFC 9421, section 3.3. */
export type SignatureAlgorithm = keyof typeof algorithms;

interface Algorithm {
  /** Whether a key is of the kind and strength that the algorithm takes. */
  fits(key: KeyObject): boolean;
  verify(key: KeyObject, message: Buffer, signature: Buffer): boolean;
  sign(key: KeyObject, message: Buffer): Buffer;
}

/** Shorter keys of RSA are refused. */
const minRsaBits = 2048;

/** Whether a key of RSA is long enough. */
export function isStrongRsa(key: KeyObject): boolean {
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits;
}

const hmacSha256: Algorithm = {
  fits: ({ type }) => type === "secret",
  verify: (key, message, signature) => matchesAny(createHmac("sha256", key).update(message).digest(), [signature]),
  sign: (key, message) => createHmac("sha256", key).update(message).digest(),
};

const ed25519: Algorithm = {
  fits: ({ asymmetricKeyType }) => asymmetricKeyType === "ed25519",
  verify: (key, message, signature) => verify(null, message, key, signature),
  sign: (key, message) => sign(null, message, key),
};

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING };

/** The RFC's salt has 64 bytes; but a common library of Node.js writes the longest that fits, which is as good. */
const rsaPssSha512: Algorithm = {
  fits: (key) => /^rsa(-pss)?$/.test(key.asymmetricKeyType ?? "") && isStrongRsa(key),
  verify: (key, message, signature) => verify("sha512", message, { key, ...pss, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature),
  sign: (key, message) => sign("sha512", message, { key, ...pss, saltLength: 64 }),
};

const algorithms = {
  ed25519,
  "hmac-sha256": hmacSha256,
  "rsa-v1_5-sha256": withHash(
    "sha256",
    { padding: constants.RSA_PKCS1_PADDING },
    (key) => key.asymmetricKeyType === "rsa" && isStrongRsa(key),
  ),
  "rsa-pss-sha512": rsaPssSha512,
  "ecdsa-p256-sha256": withHash("sha256", { dsaEncoding: "ieee-p1363" }, (key) => curveOf(key) === "prime256v1"),
  "ecdsa-p384-sha384": withHash("sha384", { dsaEncoding: "ieee-p1363" }, (key) => curveOf(key) === "secp384r1"),
} satisfies Record<string, Algorithm>;

/** Those of the algorithms that a key can be used with. The key decides, never the message: so no public key serves as a secret. */
export function algorithmsFor(key: KeyObject, among: readonly SignatureAlgorithm[]): readonly SignatureAlgorithm[] {
  return among.filter((name) => algorithms[name].fits(key));
}

/** Whether a signature is right, with an algorithm that fits the key. */
export function isSigned(algorithm: SignatureAlgorithm, key: KeyObject, message: Buffer, signature: Buffer): boolean {
  return algorithms[algorithm].fits(key) && algorithms[algorithm].verify(key, message, signature);
}

/** Signs with a private key in PEM, or with the shared secret in the format. */
export function signWith(algorithm: SignatureAlgorithm, secret: string, message: Buffer, format: SecretFormat<KeyObject>): Buffer {
  const key = algorithm === "hmac-sha256" ? format.parse(secret) : createPrivateKey(secret);
  if (!key || !algorithms[algorithm].fits(key)) throw new TypeError(`sign: the key does not fit ${algorithm}.`);
  return algorithms[algorithm].sign(key, message);
}

/**
 * How a configured secret becomes a key for any of the algorithms: a shared secret in the form, or a public key as PEM, as
 * base64 of its DER, or for Ed25519 as 32 bytes in hexadecimal or base64.
 *
 * @throws TypeError if shared secrets and public keys are mixed, since then one could be taken for the other.
 */
export function signatureKey(among: readonly SignatureAlgorithm[], form: "text" | "base64" | "hex" = "text"): SecretFormat<KeyObject> {
  const isShared = among.includes("hmac-sha256");
  if (among.length === 0 || (isShared && among.length > 1))
    throw new TypeError("Signature algorithms: name some, and `hmac-sha256` alone.");
  if (isShared) return sharedKey({ text: textSecret, base64: base64Secret(), hex: hexSecret }[form]);
  const parse = (text: string): KeyObject | undefined => {
    const key = publicKeyOf(text);
    return key && algorithmsFor(key, among).length > 0 ? key : undefined;
  };
  return {
    description: `a public key for ${among.join(" or ")}: PEM, base64, or 64 hexadecimal digits`,
    parse,
    byteLength: (text) => (parse(text) ? 32 : 0),
  };
}

/** A public key from its text; undefined if it is none. */
export function publicKeyOf(text: string): KeyObject | undefined {
  if (text.startsWith("-----BEGIN")) return text.startsWith("-----BEGIN PUBLIC KEY-----") ? tryKey(text) : undefined;
  const bytes = decodeHex(text) ?? decodeBase64(text);
  if (bytes?.length === 32) return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") }, format: "jwk" });
  return bytes && tryKey({ key: bytes, format: "der", type: "spki" });
}

function sharedKey(format: SecretFormat<Buffer>): SecretFormat<KeyObject> {
  return {
    ...format,
    parse: (text) => {
      const bytes = format.parse(text);
      return bytes && createSecretKey(bytes);
    },
  };
}

function tryKey(key: Parameters<typeof createPublicKey>[0]): KeyObject | undefined {
  try {
    return createPublicKey(key);
  } catch {
    return undefined;
  }
}

type HashOptions = { readonly padding?: number; readonly dsaEncoding?: "ieee-p1363" };

function withHash(hash: string, options: HashOptions, fits: Algorithm["fits"]): Algorithm {
  return {
    fits,
    verify: (key, message, signature) => verify(hash, message, { key, ...options }, signature),
    sign: (key, message) => sign(hash, message, { key, ...options }),
  };
}

function curveOf(key: KeyObject): string | undefined {
  return key.asymmetricKeyType === "ec" ? key.asymmetricKeyDetails?.namedCurve : undefined;
}
