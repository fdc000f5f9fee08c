import { createSecretKey, type KeyObject } from "node:crypto";
import type { RemoteDocument } from "../remote.ts";
import { base64Secret, hexSecret, type SecretFormat, textSecret } from "../secret-format.ts";
import { type FailedProof, failed, type VerifyContext } from "../verification.ts";
import type { KeyForm } from "./hmac.ts";
import { algorithms, fitsAlgorithm, type JwtAlgorithm, type TokenHeader } from "./jwt-token.ts";
import { keySetDocument, keysIn } from "./key-set.ts";
import { isSoundRsa, publicKeyOf, type SigningKey, signingKeyOf } from "./key-text.ts";
import { registrationText } from "./public-key.ts";

/**
 * What proves a token: the configured secret, as text or in another form; a configured public key; the provider's key set; or
 * a key that the provider gives out by its id. A token never says where its key is.
 */
export type JwtKeySource =
  | "secret"
  | { readonly secret: KeyForm }
  | "publicKey"
  /** The URL of the key set, fixed or made of the configured text. */
  | { readonly jwks: string | ((secret: string) => string) }
  /**
   * A document for each key. `keyId` has only letters, digits, `_`, `-`, `~` and single dots, so it may stand in a URL. The document is
   * undefined where there is no such key. Where the key is not for this registration alone, tie the token to it as with `jwks`.
   */
  | { readonly keyById: (keyId: string, secret: string) => RemoteDocument<KeyObject | undefined> | FailedProof };

/** A configured text, and the key that it is, if it is one. */
export interface JwtKey {
  readonly text: string;
  readonly key?: KeyObject;
}

/** A source of keys, compiled. */
export interface JwtKeys {
  readonly format: SecretFormat<JwtKey>;
  readonly isRemote: boolean;
  /** Whether what is configured is the key that signs. */
  readonly isShared?: boolean;
  /** The keys that may have signed a token; `header.alg` is one of the algorithms allowed. */
  candidates(configured: JwtKey, header: TokenHeader, context: VerifyContext): CandidateKeys | Promise<CandidateKeys>;
  /** A key to sign with, from the shared secret or a private key. */
  signingKey(text: string): SigningKey | undefined;
}

type CandidateKeys = readonly KeyObject[] | FailedProof;

/** Compiles a source. @throws TypeError if an algorithm does not go with it: a public key must never be taken for a secret. */
export function compileJwtKeys(source: JwtKeySource, allowed: readonly JwtAlgorithm[]): JwtKeys {
  const isShared = source === "secret" || (typeof source === "object" && "secret" in source);
  const isKnown = (name: JwtAlgorithm): boolean => Object.hasOwn(algorithms, name) && (algorithms[name].kind === "secret") === isShared;
  if (allowed.length === 0 || !allowed.every(isKnown)) {
    throw new TypeError("jwt: name `algorithms` that go with the key: HS… with a secret, any others with a public key.");
  }
  if (source === "secret") return sharedKeys("text");
  if (source === "publicKey") return publicKeys(allowed);
  if ("secret" in source) return sharedKeys(source.secret);
  return "jwks" in source ? publishedKeys(source) : keysById(source);
}

function sharedKeys(form: KeyForm): JwtKeys {
  const bytes = typeof form === "object" ? form : { text: textSecret, hex: hexSecret, base64: base64Secret() }[form];
  const parse = (text: string): JwtKey | undefined => {
    const secret = text.startsWith("-----BEGIN ") ? undefined : bytes.parse(text);
    return secret && { text, key: createSecretKey(secret) };
  };
  return {
    format: { description: bytes.description, byteLength: (text) => bytes.byteLength(text), parse },
    isRemote: false,
    isShared: true,
    candidates: ({ key }) => (key ? [key] : []),
    signingKey(text) {
      const key = parse(text)?.key;
      return key && { key, secret: text };
    },
  };
}

function publicKeys(allowed: readonly JwtAlgorithm[]): JwtKeys {
  const parse = (text: string): JwtKey | undefined => {
    const key = publicKeyOf(text);
    return key && allowed.some((name) => isUsable(key, name)) ? { text, key } : undefined;
  };
  return {
    format: {
      description: `a public key for ${allowed.join(", ")}: PEM, or SPKI in base64`,
      parse,
      byteLength: (text) => (parse(text) ? (publicKeyOf(text)?.export({ format: "der", type: "spki" }).length ?? 0) : 0),
    },
    isRemote: false,
    candidates: ({ key }, { alg }) => (key && isUsable(key, alg as JwtAlgorithm) ? [key] : []),
    signingKey: signingKeyOf,
  };
}

function publishedKeys({ jwks }: { readonly jwks: string | ((secret: string) => string) }): JwtKeys {
  return {
    format: configuredText,
    isRemote: true,
    async candidates({ text }, { alg, kid }, context) {
      const wanted = { keyId: kid, algorithm: alg, fits: (key: KeyObject) => isUsable(key, alg as JwtAlgorithm) };
      const document = keySetDocument(typeof jwks === "string" ? jwks : jwks(text));
      const set = await remoteOf(context).load({ ...document, suffices: (known) => keysIn(known, wanted).length > 0 });
      const keys = keysIn(set, wanted);
      return keys.length > 0 ? keys : unknownKey;
    },
    signingKey: signingKeyOf,
  };
}

function keysById({ keyById }: Extract<JwtKeySource, { keyById: unknown }>): JwtKeys {
  return {
    format: configuredText,
    isRemote: true,
    async candidates({ text }, { alg, kid = "" }, context) {
      if (!keyIdForm.test(kid)) return failed("signature_malformed", "The token names no key, or one whose id has an unexpected form.");
      const document = keyById(kid, text);
      if ("verified" in document) return document;
      const key = await remoteOf(context).load(document);
      return key && isUsable(key, alg as JwtAlgorithm) ? [key] : unknownKey;
    },
    signingKey: signingKeyOf,
  };
}

/** Nothing that means something in a URL: no slash, no percent sign, no `..`. */
const keyIdForm = /^(?!\.)(?!.*\.\.)[A-Za-z0-9_.~-]{1,128}$/;

const unknownKey = failed("key_unknown", "The provider publishes no key of this id for the token's algorithm.");

const configuredText: SecretFormat<JwtKey> = {
  ...registrationText,
  parse: (text) => (text === "" ? undefined : { text }),
};

function isUsable(key: KeyObject, algorithm: JwtAlgorithm): boolean {
  return key.type === "public" && fitsAlgorithm(key, algorithm) && (key.asymmetricKeyType !== "rsa" || isSoundRsa(key));
}

function remoteOf({ remote }: VerifyContext): NonNullable<VerifyContext["remote"]> {
  if (!remote) throw new TypeError("The proof needs keys from the provider, and nothing fetches them.");
  return remote;
}
