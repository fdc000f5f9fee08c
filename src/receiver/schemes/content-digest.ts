import { createHash } from "node:crypto";
import { decodeBase64 } from "../encoding.ts";
import type { ReceiverRequest } from "../request.ts";
import { type FailedProof, failed } from "../verification.ts";
import { matchesAny } from "./hmac.ts";
import { isInnerList, parseDictionary } from "./structured-fields.ts";

/** The hashes of a digest that are strong enough to be believed, by the name that headers use. */
const hashes: ReadonlyMap<string, string> = new Map([
  ["sha-256", "sha256"],
  ["sha-512", "sha512"],
]);

/** Recomputes `Content-Digest` over the raw body; undefined if it is right. RFC 9530, section 2. */
export function checkContentDigest(request: ReceiverRequest): FailedProof | undefined {
  return checkDigests(request, "Content-Digest", (text) => {
    const members = parseDictionary(text);
    return members && [...members].map(([name, member]) => [name, isInnerList(member) ? undefined : member.value]);
  });
}

/** Recomputes the older `Digest`, `SHA-256=…`, over the raw body; undefined if it is right. RFC 3230. */
export function checkDigest(request: ReceiverRequest): FailedProof | undefined {
  return checkDigests(request, "Digest", (text) =>
    text.split(",").map((one) => {
      const [, name = "", value = ""] = /^[ \t]*([A-Za-z0-9-]+)=([^ \t]+)[ \t]*$/.exec(one) ?? [];
      return [name.toLowerCase(), decodeBase64(value)];
    }),
  );
}

/** The value of `Content-Digest` for a body. */
export function contentDigestOf(body: Buffer): string {
  return `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
}

/** The value of `Digest` for a body. */
export function digestOf(body: Buffer): string {
  return `SHA-256=${createHash("sha256").update(body).digest("base64")}`;
}

type NamedDigest = readonly [name: string, value: unknown];

/** At least one digest must be of a strong hash, and each of those must be right; weaker ones beside them are not looked at. */
function checkDigests(
  request: ReceiverRequest,
  header: string,
  read: (text: string) => readonly NamedDigest[] | undefined,
): FailedProof | undefined {
  const value = request.headers.get(header);
  if (!value) return failed("signed_part_missing", `The header ${header} is missing or repeated.`);
  const strong = read(value)?.filter(([name]) => hashes.has(name));
  if (!strong || strong.length === 0) return failed("signature_malformed", `The header ${header} holds neither SHA-256 nor SHA-512.`);
  const isRight = strong.every(([name, digest]) => Buffer.isBuffer(digest) && isDigest(hashes.get(name) ?? "", digest, request.body));
  return isRight ? undefined : failed("body_hash_mismatch", `The hash in ${header} is not that of the body, which was changed on its way.`);
}

function isDigest(hash: string, digest: Buffer, body: Buffer): boolean {
  return matchesAny(createHash(hash).update(body).digest(), [digest]);
}
