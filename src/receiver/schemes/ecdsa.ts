import { type KeyObject, sign, verify } from "node:crypto";
import type { SecretFormat } from "../secret-format.ts";
import type { Scheme } from "../verification.ts";
import { publicKeyOf, signingKeyOf } from "./key-text.ts";
import { type PublicKey, type PublicKeyOptions, publicKeyScheme } from "./public-key.ts";

/** The curves, with OpenSSL's names and the length of a coordinate in bytes. */
const curves = {
  "P-256": { openssl: "prime256v1", bytes: 32 },
  "P-384": { openssl: "secp384r1", bytes: 48 },
  "P-521": { openssl: "secp521r1", bytes: 66 },
  secp256k1: { openssl: "secp256k1", bytes: 32 },
} as const;

/** One provider's use of ECDSA, as data. The default encoding is `base64`. */
export interface EcdsaOptions extends PublicKeyOptions {
  /** Default `P-256`. A key on another curve is refused. */
  readonly curve?: keyof typeof curves;
  /** Default `sha256`. */
  readonly hash?: "sha1" | "sha256" | "sha384" | "sha512";
  /** How the two numbers of a signature are written. Default `der`, in its one spelling. */
  readonly dsaEncoding?: "der" | "ieee-p1363";
}

/** ECDSA with a public key. FIPS 186-5, section 6. `sign` takes the private key. */
export function ecdsa(options: EcdsaOptions): Scheme<PublicKey> {
  const { curve = "P-256", hash = "sha256", dsaEncoding = "der" } = options;
  const { openssl, bytes: size } = curves[curve];
  const fits = (key: KeyObject): boolean => key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === openssl;
  return publicKeyScheme(
    {
      name: "ecdsa",
      secret: ecPublicKey(fits, curve),
      fits,
      form: dsaEncoding === "der" ? "DER" : `${2 * size} bytes`,
      isSignature: (bytes) => (dsaEncoding === "der" ? isStrictDer(bytes, size) : bytes.length === 2 * size),
      verify: (message, key, signature) => verify(hash, message, { key, dsaEncoding }, signature),
      signingKey(text) {
        const signing = signingKeyOf(text);
        return signing && fits(signing.key) ? signing : undefined;
      },
      sign: (message, key) => sign(hash, message, { key, dsaEncoding }),
    },
    { encoding: "base64", ...options },
  );
}

/**
 * Whether bytes are a sequence of two positive integers of at most `size` bytes in DER, with nothing behind them: the one
 * spelling of a signature, where BER has many. X.690, section 10; RFC 3279, section 2.2.3.
 */
export function isStrictDer(bytes: Buffer, size: number): boolean {
  const content = elementAt(bytes, 0, 0x30);
  if (!content || content.end !== bytes.length) return false;
  const first = elementAt(bytes, content.start, 0x02);
  const second = first && elementAt(bytes, first.end, 0x02);
  return (
    second?.end === bytes.length &&
    [first, second].every((one) => one !== undefined && isPositive(bytes.subarray(one.start, one.end), size))
  );
}

/** Where the content of an element begins and ends, if it has the tag and its length is written as shortly as can be. */
function elementAt(bytes: Buffer, at: number, tag: number): { readonly start: number; readonly end: number } | undefined {
  const [found, length = 0x80, long = 0] = bytes.subarray(at, at + 3);
  if (found !== tag || length > 0x81 || length === 0x80) return undefined;
  if (length === 0x81 && long < 0x80) return undefined;
  const start = length === 0x81 ? at + 3 : at + 2;
  const end = start + (length === 0x81 ? long : length);
  return end <= bytes.length ? { start, end } : undefined;
}

function isPositive(integer: Buffer, size: number): boolean {
  const [first = 0x80, second = 0] = integer;
  if (first >= 0x80 || (first === 0 && second < 0x80)) return false;
  return (first === 0 ? integer.length - 1 : integer.length) <= size;
}

function ecPublicKey(fits: (key: KeyObject) => boolean, curve: keyof typeof curves): SecretFormat<KeyObject> {
  const parse = (text: string): KeyObject | undefined => {
    const key = publicKeyOf(text);
    return key && fits(key) ? key : undefined;
  };
  return {
    description: `a public key on the curve ${curve}: PEM, or SPKI in base64`,
    parse,
    byteLength: (text) => (parse(text) ? 2 * curves[curve].bytes : 0),
  };
}
