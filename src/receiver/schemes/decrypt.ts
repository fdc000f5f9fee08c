import { constants, createCipheriv, createDecipheriv, type KeyObject, privateDecrypt } from "node:crypto";
import { RequestError } from "../../errors.ts";
import { decodeBase64 } from "../encoding.ts";

/** AES in CBC mode with PKCS #7 padding, as a provider uses it. */
export interface CbcOptions {
  /** 16 bytes for AES-128, 32 for AES-256. */
  readonly key: Buffer;
  /** The first 16 bytes of the key, of the ciphertext, or fixed ones. */
  readonly iv: "key" | "ciphertext" | Buffer;
  /** The block that padding fills up: 16 as in the standard, or 32. Default 16. */
  readonly paddingBlock?: 16 | 32;
}

/** AES-256 in GCM, the tag behind the ciphertext. */
export interface GcmOptions {
  /** 32 bytes. */
  readonly key: Buffer;
  /** 12 to 16 bytes. */
  readonly nonce: Buffer;
  /** Text or bytes that are not encrypted but must not have been changed. Default: none. */
  readonly associatedData?: string | Buffer;
}

/**
 * Decrypts bytes, or base64, with AES-CBC. CBC alone proves nothing: check a signature over the ciphertext first.
 *
 * @throws RequestError `malformed_body`, with one same message whatever is wrong, so that padding cannot be guessed at.
 * @throws TypeError if key or IV have another length.
 */
export function decryptCbc(encrypted: string | Buffer, { key, iv, paddingBlock = 16 }: CbcOptions): Buffer {
  const algorithm = cbcAlgorithm(key);
  const all = bytesOf(encrypted);
  const [start, bytes] = iv === "ciphertext" ? [all.subarray(0, blockBytes), all.subarray(blockBytes)] : [ivOf(key, iv), all];
  if (start.length !== blockBytes || bytes.length === 0 || bytes.length % blockBytes !== 0) throw undecryptable();
  const decipher = createDecipheriv(algorithm, key, start).setAutoPadding(false);
  return withoutPadding(Buffer.concat([decipher.update(bytes), decipher.final()]), paddingBlock);
}

/** Encrypts what {@link decryptCbc} decrypts, for answers that must be encrypted. With `iv: "ciphertext"` give the 16 bytes. */
export function encryptCbc(plain: Buffer, { key, iv, paddingBlock = 16 }: CbcOptions, prefix?: Buffer): Buffer {
  const start = iv === "ciphertext" ? prefix : ivOf(key, iv);
  if (start?.length !== blockBytes) throw new TypeError("encryptCbc: the IV has 16 bytes.");
  const padding = paddingBlock - (plain.length % paddingBlock);
  const cipher = createCipheriv(cbcAlgorithm(key), key, start).setAutoPadding(false);
  const bytes = Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final()]);
  return iv === "ciphertext" ? Buffer.concat([start, bytes]) : bytes;
}

/**
 * Decrypts bytes, or base64, with AES-256-GCM and checks the tag.
 *
 * @throws RequestError `malformed_body`, with one same message whatever is wrong.
 * @throws TypeError if the key has another length.
 */
export function decryptGcm(encrypted: string | Buffer, { key, nonce, associatedData = "" }: GcmOptions): Buffer {
  if (key.length !== 32) throw new TypeError("decryptGcm: the key has 32 bytes.");
  const bytes = bytesOf(encrypted);
  // The nonce comes with the message.
  if (bytes.length < tagBytes || nonce.length < 12 || nonce.length > 16) throw undecryptable();
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(associatedData)).setAuthTag(bytes.subarray(-tagBytes));
  const plain = decipher.update(bytes.subarray(0, -tagBytes));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    throw undecryptable();
  }
}

/**
 * Decrypts a key that was encrypted for ours with RSA-OAEP, RFC 8017, section 7.1; the hash is that of most providers.
 *
 * @throws RequestError `malformed_body`, with one same message whatever is wrong.
 */
export function decryptKey(encrypted: string | Buffer, privateKey: KeyObject, hash: "sha1" | "sha256" = "sha1"): Buffer {
  const bytes = bytesOf(encrypted);
  try {
    return privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, bytes);
  } catch {
    throw undecryptable();
  }
}

const blockBytes = 16;
const tagBytes = 16;

/** More than any provider encrypts. */
const maxBytes = 16 * 1024 * 1024;

function bytesOf(encrypted: string | Buffer): Buffer {
  const bytes = encrypted.length > maxBytes * 2 ? undefined : typeof encrypted === "string" ? decodeBase64(encrypted) : encrypted;
  if (!bytes || bytes.length > maxBytes) throw undecryptable();
  return bytes;
}

function cbcAlgorithm(key: Buffer): "aes-128-cbc" | "aes-256-cbc" {
  if (key.length === 16) return "aes-128-cbc";
  if (key.length === 32) return "aes-256-cbc";
  throw new TypeError("AES-CBC: the key has 16 or 32 bytes.");
}

function ivOf(key: Buffer, iv: "key" | Buffer): Buffer {
  const start = iv === "key" ? key.subarray(0, blockBytes) : iv;
  if (start.length !== blockBytes) throw new TypeError("AES-CBC: the IV has 16 bytes.");
  return start;
}

/** Looks at every byte that could be padding, so that time does not tell which one is wrong. */
function withoutPadding(plain: Buffer, block: number): Buffer {
  const length = plain.at(-1) ?? 0;
  let wrong = length === 0 || length > block || length > plain.length ? 1 : 0;
  for (let i = 1; i <= Math.min(block, plain.length); i++) {
    const isPadding = i <= length ? 1 : 0;
    wrong |= isPadding * ((plain[plain.length - i] ?? 0) ^ length);
  }
  if (wrong !== 0) throw undecryptable();
  return plain.subarray(0, plain.length - length);
}

function undecryptable(): RequestError {
  return new RequestError("malformed_body", "The encrypted content does not open with the configured key.");
}
