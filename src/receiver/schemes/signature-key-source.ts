import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import type { RemoteDocument } from "../remote.ts";
import type { SecretFormat } from "../secret-format.ts";
import { type FailedProof, failed, type VerifyContext } from "../verification.ts";
import { type CertificateRule, loadCertificateKey } from "./certificate-key.ts";

/** Where the key that a message names by an id comes from, if it is not configured. */
export type KeySource =
  /** A key set at a fixed https URL. RFC 7517. */
  | { readonly jwks: string }
  /** A certificate at a URL made of the id, which the rule then checks. */
  | { readonly certificateUrl: (keyId: string) => string; readonly rule: CertificateRule }
  /** Any other document with one key; undefined where the id does not have the provider's form. */
  | { readonly document: (keyId: string) => RemoteDocument<KeyObject> | undefined };

/**
 * The format of a secret where there is none to configure, since the provider publishes its keys: the word `published`. A
 * receiver gives it as its `defaultSecret`.
 */
export const publishedKeys: SecretFormat<"published"> = {
  description: "the word `published`: the provider publishes its keys",
  parse: (text) => (text === "published" ? text : undefined),
  byteLength: (text) => (text === "published" ? 32 : 0),
};

/**
 * The key with an id, or why there is none.
 *
 * @throws WebhookError `keys_unavailable` where the document can neither be fetched nor served stale.
 */
export async function loadKey(source: KeySource, keyId: string | undefined, context: VerifyContext): Promise<KeyObject | FailedProof> {
  if (!keyId || keyId.length > maxKeyIdCharacters) return failed("key_unknown", "The signature names no key.");
  if (!context.remote) return failed("verification_failed", "The provider's keys are needed, and nothing was given to load them with.");
  if ("rule" in source) return loadCertificateKey(source.certificateUrl(keyId), source.rule, context);
  if ("document" in source) {
    const document = source.document(keyId);
    return document ? context.remote.load(document) : failed("key_unknown", "The id of the key does not have the provider's form.");
  }
  const keys = await context.remote.load(keySetDocument(source.jwks, keyId));
  return keys.get(keyId) ?? failed("key_unknown", "The provider's key set holds no key with the id that the signature names.");
}

/** A key set as a document, by key id; fetched anew where it lacks the id. */
export function keySetDocument(url: string, keyId: string): RemoteDocument<ReadonlyMap<string, KeyObject>> {
  return {
    url,
    cacheKey: `key set by id ${url}`,
    parse: ({ body }) => parseKeySet(body),
    suffices: (keys) => keys.has(keyId),
  };
}

const maxKeyIdCharacters = 256;
const maxKeys = 100;

/** Public keys with an id. Entries of other kinds, or of kinds that are not known, do not spoil the rest. RFC 7517, section 5. */
function parseKeySet(body: Buffer): ReadonlyMap<string, KeyObject> {
  const data: unknown = JSON.parse(body.toString("utf8"));
  const list: unknown = typeof data === "object" && data !== null && "keys" in data ? data.keys : undefined;
  if (!Array.isArray(list) || list.length > maxKeys) throw new TypeError(`A key set is an object with \`keys\`, at most ${maxKeys}.`);
  const keys = new Map<string, KeyObject>();
  for (const entry of list as readonly unknown[]) {
    const { kid, kty, use } = (entry ?? {}) as { readonly kid?: unknown; readonly kty?: unknown; readonly use?: unknown };
    if (typeof kid !== "string" || kty === "oct" || (use !== undefined && use !== "sig")) continue;
    const key = publicKeyOfJwk(entry);
    if (key && !keys.has(kid)) keys.set(kid, key);
  }
  return keys;
}

function publicKeyOfJwk(entry: unknown): KeyObject | undefined {
  try {
    return createPublicKey({ key: entry as JsonWebKey, format: "jwk" });
  } catch {
    return undefined;
  }
}
