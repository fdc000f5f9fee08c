import type { KeyObject } from "node:crypto";
import type { ReceiverRequest } from "../request.ts";
import { type FailedProof, failed, type Scheme, type SignedParts, type Verification, type VerifyContext } from "../verification.ts";
import { type ClaimRules, type Claims, checkClaims, claimsFor, jwtClaims } from "./jwt-claims.ts";
import { compileJwtKeys, type JwtKey, type JwtKeySource } from "./jwt-keys.ts";
import { fitsAlgorithm, type JwtAlgorithm, readObject, readToken, type TokenParts, writeToken } from "./jwt-token.ts";
import { headersAmong, nameOfPlace, type Place, parametersAmong, readPlace, type WrittenParts, writePlace } from "./place.ts";
import { withFields } from "./with-fields.ts";

/** One provider's use of JSON Web Tokens, as data. */
export interface JwtOptions extends ClaimRules {
  /** The header that carries the token. */
  readonly header?: string;
  /** Where the token stands, if not in a header: one place, several of which one is filled, or `body` where the whole body is the token. */
  readonly from?: Place | readonly Place[] | "body";
  /** What stands before the token in a header, in either case: `Bearer `. */
  readonly prefix?: string;
  /** The values of `alg` that are accepted. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** What proves the token. With keys from the provider, the configured text must tie the token to the registration. */
  readonly key: JwtKeySource;
  /** Whether the token leaves its payload out and signs the raw body in its place. RFC 7515, appendix F. Default false. */
  readonly detached?: boolean;
}

/**
 * A JSON Web Token: signed claims, which may hold a hash of the body, or be the body. RFC 7519. `sign` takes the shared secret, or
 * a private key as {@link signingKeyOf} reads it.
 */
export function jwt(options: JwtOptions): Scheme<JwtKey> {
  const { maxAgeSeconds, detached: isDetached = false } = options;
  const keys = compileJwtKeys(options.key, options.algorithms);
  checkBinding(options, keys.isRemote);
  const places = placesOf(options);
  const isBody = places === "body";
  const headers = isBody ? [] : headersAmong(places);

  return {
    name: "jwt",
    secret: keys.format,
    bodyBound: isBody || isDetached || options.bodyHash !== undefined,
    signsUrl: options.urlClaim !== undefined,
    proofHeaders: headers,
    proofParameters: isBody ? [] : parametersAmong(places),
    ...(!isBody && places.length > 1 ? { alternativeHeaders: headers } : {}),
    ...(keys.isRemote ? { isRemote: true } : {}),
    ...(keys.isShared ? { signsWithSecret: true } : {}),
    toleranceSeconds: maxAgeSeconds,

    async verify(request: ReceiverRequest, configured: readonly JwtKey[], context: VerifyContext): Promise<Verification> {
      const text = findToken(request, places, options.prefix);
      if (typeof text !== "string") return text;
      const token = readToken(text, { isDetached });
      const claims = token && claimsOf(token, isDetached);
      if (!token || !claims) return failed("signature_malformed", "The token does not have the form of a signed JSON Web Token.");
      const { alg } = token.header;
      if (!(options.algorithms as readonly string[]).includes(alg)) {
        return failed("signature_malformed", `The token's algorithm is not ${options.algorithms.join(" or ")}.`);
      }
      let failure: FailedProof = mismatch;
      for (const [secretIndex, one] of configured.entries()) {
        const candidates = await keys.candidates(one, token.header, context);
        const isSigned = !("verified" in candidates) && (await isSignedByAny(token, candidates, isDetached ? request.body : undefined));
        const checked = { request, secret: one.text, context, isBodySigned: isBody || isDetached };
        const fault = "verified" in candidates ? candidates : isSigned ? checkClaims(options, claims, checked) : mismatch;
        if (fault === undefined) return { verified: true, secretIndex };
        // What is wrong with a token that is signed says more than that another key did not sign it.
        if (failure === mismatch) failure = fault;
      }
      return failure;
    },

    sign(request: ReceiverRequest, secret: string, context: VerifyContext): SignedParts {
      const signing = keys.signingKey(secret);
      const alg = signing && options.algorithms.find((name) => fitsAlgorithm(signing.key, name));
      if (!signing || !alg) throw new TypeError(`sign: expected a key for ${options.algorithms.join(" or ")}.`);
      const header = { alg, typ: "JWT", ...(signing.keyId === undefined ? {} : { kid: signing.keyId }) };
      const own = isBody ? claimsInBody(request.body) : {};
      const payload = isDetached ? { detached: request.body } : { ...own, ...claimsFor(options, request, signing.secret ?? "", context) };
      return place(request, places, options.prefix, writeToken(header, payload, signing.key));
    },
  };
}

type TokenPlaces = readonly Place[] | "body";

/** Longer tokens are refused, unless the token is the body, which has a limit of its own. */
const maxTokenLength = 16_384;

const mismatch = failed("signature_mismatch", "No key matches the token. Is it the key of this application and environment?");

function placesOf({ header, from }: JwtOptions): TokenPlaces {
  if ((header === undefined) === (from === undefined)) throw new TypeError("jwt: name `header` or `from`, and not both.");
  if (header !== undefined) return [{ header }];
  return from === "body" ? from : [from ?? []].flat();
}

/** The provider's keys sign for all its customers: something must tell our tokens from theirs. */
function checkBinding({ key, binds, audience, check }: JwtOptions, isRemote: boolean): void {
  if (binds && !isRemote) throw new TypeError("jwt: `binds` is for keys from the provider; here the configured text is the key.");
  const isBound =
    binds ?? audience ?? check ?? (typeof key === "object" && ("keyById" in key || ("jwks" in key && typeof key.jwks === "function")));
  if (isRemote && !isBound) {
    throw new TypeError(
      "jwt: keys from the provider sign for every registration; tie the token to one with `binds`, `audience` or `check`.",
    );
  }
}

function findToken(request: ReceiverRequest, places: TokenPlaces, prefix = ""): string | FailedProof {
  if (places === "body") {
    return request.body.length > 0
      ? request.body.toString("latin1")
      : failed("signature_missing", "The body is empty; it should be a token.");
  }
  const found = places.flatMap((from) => readPlace(request, from).map((value) => ({ from, value })));
  const names = places.map(nameOfPlace).join(" or ");
  if (found.length > 1) return failed("signature_repeated", `There is more than one token in ${names}.`);
  const [first] = found;
  if (first === undefined) return failed("signature_missing", `There is no token in ${names}.`);
  const before = "header" in first.from ? prefix : "";
  const hasPrefix = first.value.slice(0, before.length).toLowerCase() === before.toLowerCase();
  const token = first.value.slice(before.length);
  if (hasPrefix && token !== "" && token.length <= maxTokenLength) return token;
  return failed(
    "signature_malformed",
    `The value of ${nameOfPlace(first.from)} is not ${before === "" ? "" : `\`${before.trim()}\` and `}a token.`,
  );
}

function claimsOf({ segments: [, payload] }: TokenParts, isDetached: boolean): Claims | undefined {
  return isDetached ? {} : readObject(payload);
}

/** Loaded at the first token: most receivers need none. */
async function isSignedByAny(token: TokenParts, keys: readonly KeyObject[], body: Buffer | undefined): Promise<boolean> {
  const { flattenedVerify } = await import("jose");
  const { header, segments } = token;
  const payload = body === undefined ? segments[1] : header.b64 ? body.toString("base64url") : body;
  for (const key of keys) {
    try {
      await flattenedVerify({ protected: segments[0], payload, signature: segments[2] }, key, { algorithms: [header.alg] });
      return true;
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") throw error;
    }
  }
  return false;
}

function claimsInBody(body: Buffer): Claims {
  const text = body.toString("utf8");
  return text.startsWith("{") ? (JSON.parse(text) as Claims) : jwtClaims(text);
}

function place(request: ReceiverRequest, places: TokenPlaces, prefix = "", token: string): SignedParts {
  if (places === "body") return { headers: {}, body: Buffer.from(token) };
  const parts: WrittenParts = { headers: {}, url: request.url, fields: {} };
  const [first] = places;
  if (first) writePlace(parts, first, "header" in first ? prefix + token : token);
  return {
    headers: parts.headers,
    ...(parts.url === request.url ? {} : { url: parts.url }),
    ...(Object.keys(parts.fields).length === 0 ? {} : { body: withFields(request, parts.fields) }),
  };
}
