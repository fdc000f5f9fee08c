import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { decodeBase64, decodeHex } from "../encoding.ts";
import type { SecretFormat } from "../secret-format.ts";

/** An Ed25519 public key as 32 bytes in hex, as `whpk_` and base64, or as PEM. */
export const ed25519PublicKey: SecretFormat<KeyObject> = {
  description: "an Ed25519 public key: 64 hexadecimal digits, `whpk_` and base64, or PEM",
  parse: publicKeyOf,
  byteLength: (text) => (publicKeyOf(text) ? 32 : 0),
};

/** A private key from 32 bytes in hex, from `whsk_` and base64 (32 or 64 bytes, the seed first), or from PEM; undefined otherwise. */
export function ed25519PrivateKey(text: string): KeyObject | undefined {
  if (text.startsWith("-----BEGIN")) return fromPem(text, createPrivateKey);
  const bytes = text.startsWith("whsk_") ? decodeBase64(text.slice(5)) : decodeHex(text);
  if (bytes?.length !== 32 && bytes?.length !== 64) return undefined;
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, bytes.subarray(0, 32)]), format: "der", type: "pkcs8" });
}

function publicKeyOf(text: string): KeyObject | undefined {
  if (text.startsWith("-----BEGIN PUBLIC")) return fromPem(text, createPublicKey);
  const bytes = text.startsWith("whpk_") ? decodeBase64(text.slice(5)) : decodeHex(text);
  if (bytes?.length !== 32) return undefined;
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") }, format: "jwk" });
}

function fromPem(text: string, create: (pem: string) => KeyObject): KeyObject | undefined {
  try {
    const key = create(text);
    return key.asymmetricKeyType === "ed25519" ? key : undefined;
  } catch {
    return undefined;
  }
}

/** DER of PKCS #8 up to the seed: version 0, algorithm 1.3.101.112, octet string of 32 bytes. RFC 8410, section 7. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
