import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { type DigestEncoding, decodeDigest } from "../encoding.ts";
import { ReceiverRequest } from "../request.ts";
import { base64Secret, hexSecret, type SecretFormat, textSecret } from "../secret-format.ts";
import { type FailedProof, failed, type Scheme, type Verification, type VerifyContext } from "../verification.ts";
import { readSignatures, type SignatureForm, writeSignatures } from "./signature-list.ts";
import { compileSignedText, readSignedText } from "./signed-text.ts";
import { checkTimestamp, defaultTolerance, type Tolerance } from "./timestamp.ts";

/** The hashes that providers use, with the length of their digests in bytes. */
const hashLengths = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

/** What an HMAC covers when a template cannot say it: alternatives, any of which may match, or a failed proof. */
export type SignedAlternatives = { readonly alternatives: readonly (readonly (string | Buffer)[])[] } | FailedProof;

/** Signed text that a template cannot say, as functions of the request. */
export interface SignedReader {
  readonly coversBody: boolean;
  readonly coversUrl: boolean;
  read(request: ReceiverRequest): SignedAlternatives;
  /** The URL as the provider calls it, where its query holds something about the body. Used to sign only. */
  urlToSign?(request: ReceiverRequest): string;
}

/** One provider's use of HMAC, as data. */
export interface HmacOptions {
  /** The header that carries the signature. */
  readonly header: string;
  /** Where in its value the signatures stand. Default: the whole value. */
  readonly signature?: SignatureForm;
  /** Default `sha256`. */
  readonly hash?: keyof typeof hashLengths;
  /** Default `hex`, read in either case. */
  readonly encoding?: DigestEncoding;
  /** Form of the secret. Default: text used as it is. */
  readonly key?: "text" | "base64" | "hex" | SecretFormat<Buffer>;
  /** What is signed: a template such as `{timestamp}.{body}`, or a function of the request. Default `{body}`. */
  readonly signed?: string | SignedReader;
  /** The header with the signed time in Unix seconds, where it does not stand beside the signature. */
  readonly timestampHeader?: string;
  /** How far the signed time may lie from now. Default 300 s back, 60 s ahead. */
  readonly tolerance?: Tolerance;
}

/** HMAC over the body or over a text made of parts of the request. RFC 2104; each provider's use is in its receiver. */
export function hmac(options: HmacOptions): Scheme<Buffer> {
  const { header, hash = "sha256", encoding = "hex", timestampHeader, tolerance = defaultTolerance } = options;
  const form = options.signature ?? { form: "whole" };
  const signed = typeof options.signed === "object" ? options.signed : compileSignedText(options.signed ?? "{body}");
  const hasTimestamp = timestampHeader !== undefined || (form.form === "pairs" && form.timestamp !== undefined);
  if ("parts" in signed && signed.coversTimestamp !== hasTimestamp) {
    throw new TypeError("hmac: `{timestamp}` in the signed text and a place to read the time from go together.");
  }
  const signedHeaders = "parts" in signed ? signed.headers : [];

  const alternatives = (request: ReceiverRequest, timestamp: string): SignedAlternatives => {
    if (!("parts" in signed)) return signed.read(request);
    const text = readSignedText(signed, request, timestamp);
    if ("pieces" in text) return { alternatives: [text.pieces] };
    return failed("signed_part_missing", `The header ${text.missing} is missing or repeated.`);
  };

  return {
    name: "hmac",
    secret: keyFormat(options.key ?? "text"),
    bodyBound: signed.coversBody,
    signsUrl: signed.coversUrl,
    proofHeaders: [header, ...signedHeaders, ...(timestampHeader ? [timestampHeader] : [])].map((name) => name.toLowerCase()),
    proofParameters: [],
    toleranceSeconds: hasTimestamp ? tolerance.pastSeconds : undefined,

    verify(request: ReceiverRequest, keys: readonly Buffer[], context: VerifyContext): Verification {
      const value = request.headers.get(header);
      if (value === undefined || value === "") {
        return request.headers.all(header).length > 1
          ? failed("signature_repeated", `The header ${header} occurs more than once.`)
          : failed("signature_missing", `The header ${header} is missing. Is a secret set at the provider?`);
      }
      const list = readSignatures(value, form);
      if (!list) return failed("signature_malformed", `The header ${header} does not have the provider's form.`);
      const timestamp = timestampHeader === undefined ? (list.timestamp ?? "") : request.headers.get(timestampHeader);
      if (timestamp === undefined) return failed("signed_part_missing", `The header ${timestampHeader} is missing or repeated.`);
      const stale = hasTimestamp ? checkTimestamp(timestamp, tolerance, context) : undefined;
      if (stale) return stale;
      const candidates = list.signatures
        .map((text) => decodeDigest(text, encoding, hashLengths[hash]))
        .filter((bytes) => bytes !== undefined);
      if (candidates.length === 0) return failed("signature_malformed", `The header ${header} holds no ${hash} digest in ${encoding}.`);
      const texts = alternatives(request, timestamp);
      if ("verified" in texts) return texts;
      const secretIndex = matchingKey(keys, (key) =>
        texts.alternatives.some((pieces) => matchesAny(digest(hash, key, pieces), candidates)),
      );
      return secretIndex < 0 ? failed("signature_mismatch", mismatch(keys.length, signed.coversUrl)) : { verified: true, secretIndex };
    },

    sign(request: ReceiverRequest, secret: string, context: VerifyContext) {
      const key = keyFormat(options.key ?? "text").parse(secret);
      if (!key) throw new TypeError(`sign: the secret is not ${keyFormat(options.key ?? "text").description}.`);
      const timestamp = String(Math.floor(context.now));
      const url = "parts" in signed ? request.url : (signed.urlToSign?.(request) ?? request.url);
      const signing =
        url === request.url
          ? request
          : new ReceiverRequest({ method: request.method, url, rawHeaders: request.headers.raw, body: request.body });
      const texts = alternatives(signing, timestamp);
      if ("verified" in texts) throw new TypeError(`sign: ${texts.hint}`);
      const signature = digest(hash, key, texts.alternatives[0] ?? []).toString(encoding);
      const time = timestampHeader === undefined ? {} : { [timestampHeader]: timestamp };
      return { headers: { [header]: writeSignatures(signature, timestamp, form), ...time }, ...(url === request.url ? {} : { url }) };
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
export function digest(hash: string, key: Buffer, pieces: readonly (string | Buffer)[]): Buffer {
  const state = createHmac(hash, keyObjectOf(key));
  for (const piece of pieces) state.update(piece);
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

function keyFormat(key: "text" | "base64" | "hex" | SecretFormat<Buffer>): SecretFormat<Buffer> {
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
