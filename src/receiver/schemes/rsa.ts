import { constants, type KeyObject, sign, verify } from "node:crypto";
import type { SecretFormat } from "../secret-format.ts";
import type { Scheme } from "../verification.ts";
import { isSoundRsa, publicKeyOf, signingKeyOf } from "./key-text.ts";
import { type PublicKey, type PublicKeyOptions, publicKeyScheme } from "./public-key.ts";

/** One provider's use of RSA, as data. The default encoding is `base64`. */
export interface RsaOptions extends PublicKeyOptions {
  /** Default `sha256`. */
  readonly hash?: "sha1" | "sha256" | "sha384" | "sha512";
  /** Default `pkcs1`: version 1.5. `pss` reads a salt of any length and writes one as long as the hash. */
  readonly padding?: "pkcs1" | "pss";
  /** Shortest key that is taken, in bits. Default 2048; less only for a key that a provider has published long ago. */
  readonly minBits?: number;
}

/** RSA signatures with a public key. RFC 8017, section 8. `sign` takes the private key. */
export function rsa(options: RsaOptions): Scheme<PublicKey> {
  const { hash = "sha256", padding = "pkcs1", minBits = 2048 } = options;
  const parameters = padding === "pkcs1" ? { padding: constants.RSA_PKCS1_PADDING } : { padding: constants.RSA_PKCS1_PSS_PADDING };
  const fits = (key: KeyObject): boolean => isOfKind(key, padding) && isSoundRsa(key, minBits);
  return publicKeyScheme(
    {
      name: "rsa",
      secret: rsaPublicKey(fits, minBits),
      fits,
      form: `at least ${minBits / 8} bytes`,
      isSignature: (bytes) => bytes.length >= minBits / 8 && bytes.length <= 2048,
      verify: (message, key, signature) => verify(hash, message, { key, ...parameters, ...saltLength(padding, "AUTO") }, signature),
      signingKey(text) {
        const signing = signingKeyOf(text);
        return signing && isOfKind(signing.key, padding) ? signing : undefined;
      },
      sign: (message, key) => sign(hash, message, { key, ...parameters, ...saltLength(padding, "DIGEST") }),
    },
    { encoding: "base64", ...options },
  );
}

/** An RSA public key: PEM, a certificate in PEM, or SPKI in base64. */
function rsaPublicKey(fits: (key: KeyObject) => boolean, minBits: number): SecretFormat<KeyObject> {
  const parse = (text: string): KeyObject | undefined => {
    const key = publicKeyOf(text);
    return key && fits(key) ? key : undefined;
  };
  return {
    description: `an RSA public key of at least ${minBits} bits: PEM, or SPKI in base64`,
    parse,
    byteLength: (text) => (parse(text)?.asymmetricKeyDetails?.modulusLength ?? 0) / 8,
  };
}

/** A key that is for PSS alone serves nothing else. */
function isOfKind({ asymmetricKeyType }: KeyObject, padding: "pkcs1" | "pss"): boolean {
  return asymmetricKeyType === "rsa" || (asymmetricKeyType === "rsa-pss" && padding === "pss");
}

function saltLength(padding: "pkcs1" | "pss", length: "AUTO" | "DIGEST"): { readonly saltLength?: number } {
  return padding === "pss" ? { saltLength: constants[`RSA_PSS_SALTLEN_${length}`] } : {};
}
