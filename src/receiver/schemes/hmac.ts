import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { decodeDigest } from "../encoding.ts";
import type { ReceiverRequest } from "../request.ts";
import { base64Secret, hexSecret, type SecretFormat, textSecret } from "../secret-format.ts";
import { failed, type LocalScheme, type Verification, type VerifyContext } from "../verification.ts";
import { compileSignedMessage, type SignedMessageOptions } from "./signed-message.ts";
import { type Piece, secretPiece } from "./signed-text.ts";

/** The hashes that providers use, with the length of their digests in bytes. */
const hashLengths = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

/** One provider's use of HMAC, as data. */
export interface HmacOptions extends SignedMessageOptions {
  /** Default `sha256`. */
  readonly hash?: keyof typeof hashLengths;
  /** Form of the secret. Default: text used as it is. */
  readonly key?: KeyForm;
  /** Makes the key of this request from the configured one, where it depends on the signed time. */
  readonly keyFor?: (key: Buffer, request: ReceiverRequest, timestamp: string) => Buffer;
}

/** How a configured secret becomes a key. */
export type KeyForm = "text" | "base64" | "hex" | SecretFormat<Buffer>;

/** HMAC over the body or over a text made of parts of the request. RFC 2104; each provider's use is in its receiver. */
export function hmac(options: HmacOptions): LocalScheme<Buffer> {
  return keyedHash("hmac", options, (hash, key, pieces) => digest(hash, key, pieces));
}

/** A plain hash with the secret inside what is hashed, at `{secret}` of the template. Older providers do this. */
export function plainDigest(options: HmacOptions): LocalScheme<Buffer> {
  return keyedHash("digest", options, plainHash);
}

type Compute = (hash: string, key: Buffer, pieces: readonly Piece[]) => Buffer;

function keyedHash(name: string, options: HmacOptions, compute: Compute): LocalScheme<Buffer> {
  const { hash = "sha256", keyFor } = options;
  const message = compileSignedMessage(name, options);
  const format = keyFormat(options.key ?? "text");
  const { encoding, facts } = message;
  return {
    name,
    secret: format,
    ...facts,

    verify(request: ReceiverRequest, keys: readonly Buffer[], context: VerifyContext): Verification {
      const read = message.read(request, context);
      if ("verified" in read) return read;
      const candidates: Buffer[] = [];
      for (const text of read.signatures) {
        const bytes = decodeDigest(text, encoding, hashLengths[hash]);
        if (bytes) candidates.push(bytes);
      }
      if (candidates.length === 0) return failed("signature_malformed", `There is no ${hash} digest in ${encoding} in ${message.place}.`);
      const secretIndex = matchingKey(keys, (configured) => {
        const key = keyFor ? keyFor(configured, request, read.timestamp) : configured;
        return read.alternatives.some((pieces) => matchesAny(compute(hash, key, pieces), candidates));
      });
      return secretIndex < 0 ? failed("signature_mismatch", mismatch(keys.length, facts.signsUrl)) : { verified: true, secretIndex };
    },

    sign(request: ReceiverRequest, secret: string, context: VerifyContext) {
      const configured = format.parse(secret);
      if (!configured) throw new TypeError(`sign: the secret is not ${format.description}.`);
      return message.write(request, context, (pieces, timestamp) =>
        compute(hash, keyFor ? keyFor(configured, request, timestamp) : configured, pieces),
      );
    },
  };
}

/** The position of the first key that matches. Every key is tried, so that time does not tell which one did. */
export function matchingKey<Key>(keys: readonly Key[], matches: (key: Key) => boolean): number {
  let found = -1;
  for (let index = keys.length - 1; index >= 0; index--) {
    if (matches(keys[index] as Key)) found = index;
  }
  return found;
}

/** Whether a digest equals any candidate of the same length, in constant time each. */
export function matchesAny(expected: Buffer, candidates: readonly Buffer[]): boolean {
  let matched = false;
  for (const candidate of candidates) {
    if (candidate.length === expected.length && timingSafeEqual(candidate, expected)) matched = true;
  }
  return matched;
}

/** The HMAC of pieces, one after another. */
export function digest(hash: string, key: Buffer, pieces: readonly Piece[]): Buffer {
  const state = createHmac(hash, keyObjectOf(key));
  for (const piece of pieces) state.update(textOrBytes(piece, key));
  // By way of a string: OpenSSL's bytes as a Buffer of their own cost a third more.
  return Buffer.from(state.digest("binary"), "latin1");
}

/** What a person looks at when no secret matches; the URL is never repeated here, since it may hold a code. */
export function mismatch(secrets: number, signsUrl: boolean): string {
  const which = secrets === 1 ? "The secret does not match" : `None of ${secrets} secrets matches`;
  return signsUrl
    ? `${which}, or the signed URL is not the one that \`publicUrl\` gives.`
    : `${which}, or the body was changed on its way.`;
}

function plainHash(hash: string, key: Buffer, pieces: readonly Piece[]): Buffer {
  const state = createHash(hash);
  for (const piece of pieces) state.update(textOrBytes(piece, key));
  return state.digest();
}

function textOrBytes(piece: Piece, key: Buffer): string | Buffer {
  return piece === secretPiece ? key : piece;
}

function keyFormat(key: KeyForm): SecretFormat<Buffer> {
  if (typeof key === "object") return key;
  if (key === "text") return textSecret;
  return key === "hex" ? hexSecret : base64Secret();
}

/** A key as OpenSSL wants it, made once per key: from a plain Buffer it would be made for every digest. */
function keyObjectOf(key: Buffer): KeyObject {
  const known = keyObjects.get(key);
  if (known) return known;
  const made = createSecretKey(key);
  keyObjects.set(key, made);
  return made;
}

const keyObjects = new WeakMap<Buffer, KeyObject>();
