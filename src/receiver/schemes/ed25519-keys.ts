import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { decodeBase64, decodeHex } from "../encoding.ts";
import type { SecretFormat } from "../secret-format.ts";
import { publicKeyOf, signingKeyOf } from "./key-text.ts";

/** An Ed25519 public key as 32 bytes in hex or base64, as `whpk_` and base64, as PEM, or as SPKI in base64. */
export const ed25519PublicKey: SecretFormat<KeyObject> = {
  description: "an Ed25519 public key: 64 hexadecimal digits, base64, `whpk_` and base64, or PEM",
  parse: publicKeyFrom,
  byteLength: (text) => (publicKeyFrom(text) ? 32 : 0),
};

/**
 * A private key from 32 or 64 bytes (the seed first) in hex, in base64 or as `whsk_` and base64, from PEM, or from a JSON Web
 * Key; undefined otherwise.
 */
export function ed25519PrivateKey(text: string): KeyObject | undefined {
  const bytes = bytesOf(text, "whsk_");
  if (bytes?.length === 32 || bytes?.length === 64) {
    return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, bytes.subarray(0, 32)]), format: "der", type: "pkcs8" });
  }
  return ofKind(signingKeyOf(text)?.key);
}

function publicKeyFrom(text: string): KeyObject | undefined {
  const bytes = bytesOf(text, "whpk_");
  if (bytes?.length !== 32) return ofKind(publicKeyOf(text));
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: bytes.toString("base64url") }, format: "jwk" });
}

/** Hexadecimal digits are read as such, though some texts of them are base64 as well. */
function bytesOf(text: string, prefix: string): Buffer | undefined {
  return text.startsWith(prefix) ? decodeBase64(text.slice(prefix.length)) : (decodeHex(text) ?? decodeBase64(text));
}

function ofKind(key: KeyObject | undefined): KeyObject | undefined {
  return key?.asymmetricKeyType === "ed25519" ? key : undefined;
}

/** DER of PKCS #8 up to the seed: version 0, algorithm 1.3.101.112, octet string of 32 bytes. RFC 8410, section 7. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
