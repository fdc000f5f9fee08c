import type { KeyObject } from "node:crypto";
import type { RemoteAnswer, RemoteDocument } from "../remote.ts";
import { isSoundRsa, publicKeyOf, publicKeyOfJwk } from "./key-text.ts";

/** The public keys of a JSON Web Key Set that may verify signatures. RFC 7517, section 5. */
export interface KeySet {
  readonly keys: readonly PublishedKey[];
}

/** One key of a set. */
export interface PublishedKey {
  readonly key: KeyObject;
  readonly keyId?: string;
  /** The one `alg` that the key is for, where the set says so. */
  readonly algorithm?: string;
}

/** The key set at a URL, which is the receiver's own or made of the configured text; never one that a request names. */
export function keySetDocument(url: string): RemoteDocument<KeySet> {
  return { url, parse: readKeySet };
}

/** The one public key at a URL, in PEM or SPKI in base64; `textOf` takes its text out of an answer that holds more. */
export function publicKeyDocument(
  url: string,
  textOf: (body: Buffer) => string = (body) => body.toString("utf8"),
): RemoteDocument<KeyObject> {
  return {
    url,
    parse({ body }) {
      const key = publicKeyOf(textOf(body).trim());
      if (!key) throw new TypeError("Expected a public key.");
      return key;
    },
  };
}

/** What a request says of the key that signed it. */
export interface KeyWanted {
  readonly keyId?: string | undefined;
  /** Whether the key is of the right kind for the algorithm. */
  fits(key: KeyObject): boolean;
  readonly algorithm?: string;
}

/** The keys that may have signed: those of the id, or every one that fits where the request names none. At most {@link maxTried}. */
export function keysIn(set: KeySet, { keyId, fits, algorithm }: KeyWanted): readonly KeyObject[] {
  return set.keys
    .filter((one) => keyId === undefined || one.keyId === keyId)
    .filter((one) => algorithm === undefined || one.algorithm === undefined || one.algorithm === algorithm)
    .map(({ key }) => key)
    .filter(fits)
    .slice(0, maxTried);
}

/** Keys that are tried for one request. */
export const maxTried = 8;

/** More keys than any provider publishes. */
const maxKeys = 100;

/**
 * Reads a set. Keys that are of no use here are left out: symmetric ones, those for encryption, RSA below 2048 bits, unknown kinds.
 *
 * @throws TypeError if it is not a key set, or has too many keys.
 */
export function readKeySet({ body }: Pick<RemoteAnswer, "body">): KeySet {
  const data: unknown = JSON.parse(body.toString("utf8"));
  const listed = typeof data === "object" && data !== null && "keys" in data ? data.keys : undefined;
  if (!Array.isArray(listed) || listed.length > maxKeys) throw new TypeError(`Expected a key set with at most ${maxKeys} keys.`);
  return { keys: listed.flatMap(publishedKey) };
}

function publishedKey(jwk: unknown): readonly PublishedKey[] {
  const key = publicKeyOfJwk(jwk);
  const { kid, alg, use, key_ops: operations } = (jwk ?? {}) as { kid?: unknown; alg?: unknown; use?: unknown; key_ops?: unknown };
  const isForSignatures = (use === undefined || use === "sig") && (!Array.isArray(operations) || operations.includes("verify"));
  if (!key || !isForSignatures || (key.asymmetricKeyType === "rsa" && !isSoundRsa(key))) return [];
  return [{ key, ...(typeof kid === "string" ? { keyId: kid } : {}), ...(typeof alg === "string" ? { algorithm: alg } : {}) }];
}
