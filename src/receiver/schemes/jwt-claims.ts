import { createHash } from "node:crypto";
import { type DigestEncoding, decodeBytes, encodeBytes } from "../encoding.ts";
import { isSameText } from "../equal.ts";
import type { ReceiverRequest } from "../request.ts";
import { type FailedProof, failed, type ProofCode, type VerifyContext } from "../verification.ts";
import { readObject } from "./jwt-token.ts";
import { checkTimestamp } from "./timestamp.ts";

/** The claims of a token, by name. */
export type Claims = Readonly<Record<string, unknown>>;

/** A claim that holds a hash. */
export interface HashClaim {
  readonly claim: string;
  /** Default `sha256`. */
  readonly hash?: "sha256" | "sha384" | "sha512";
  /** Default `hex`. `base64url` is read with padding or without. */
  readonly encoding?: DigestEncoding;
}

/** What the claims of a token must say. */
export interface ClaimRules {
  /** `iss`: the one, one of several, or what a rule accepts; `secret` is the configured text. */
  readonly issuer?: string | readonly string[] | ((issuer: string, secret: string) => boolean);
  /** `aud`: one of these must be in it. */
  readonly audience?: string | readonly string[];
  /** The claim that must be, or hold, the configured text, where that is not the key: it ties the token to this registration. */
  readonly binds?: { readonly claim: string };
  /** Whether a token without `exp` is refused. Default: yes, unless the proof covers the body or `maxAgeSeconds` limits its age. */
  readonly requireExpiry?: boolean;
  /** How old `iat` may be. Default: `iat` is not read. */
  readonly maxAgeSeconds?: number;
  /** How far the provider's clock may differ. Default 60. */
  readonly clockSkewSeconds?: number;
  /** The claim with a hash of the raw body. */
  readonly bodyHash?: HashClaim & { /** Whether the claim may be absent where the body is empty. */ readonly isOptionalForEmpty?: boolean };
  /** The claim that is, or holds, the URL that was called; or a hash of it. */
  readonly urlClaim?: string | HashClaim;
  /** What else must hold. `secret` is the configured text. */
  readonly check?: (claims: Claims, request: ReceiverRequest, secret: string) => FailedProof | undefined;
  /** What else a token that we sign says. */
  readonly claimsToSign?: Claims | ((request: ReceiverRequest, secret: string) => Claims);
}

/** What claims are checked against. */
export interface ClaimsChecked {
  readonly request: ReceiverRequest;
  /** The configured text. */
  readonly secret: string;
  readonly context: VerifyContext;
  /** Whether a signature covers the body already. */
  readonly isBodySigned: boolean;
}

/** Rejects claims that do not keep to the rules; undefined if they do. RFC 7519, section 4.1. */
export function checkClaims(rules: ClaimRules, claims: Claims, checked: ClaimsChecked): FailedProof | undefined {
  const { request, secret } = checked;
  return (
    checkIssuer(rules, claims, secret) ??
    checkHeld(claims, "aud", rules.audience) ??
    (rules.binds && checkHeld(claims, rules.binds.claim, secret)) ??
    checkTimes(rules, claims, checked) ??
    checkUrl(rules, claims, request) ??
    checkBody(rules, claims, request) ??
    rules.check?.(claims, request, secret)
  );
}

/** Claims that keep to the rules. To sign only. */
export function claimsFor(rules: ClaimRules, request: ReceiverRequest, secret: string, { now }: VerifyContext): Claims {
  const { issuer, audience, binds, maxAgeSeconds, bodyHash, urlClaim, claimsToSign } = rules;
  const [iss] = typeof issuer === "function" ? [] : [issuer ?? []].flat();
  const [aud] = [audience ?? []].flat();
  const seconds = Math.floor(now);
  return {
    ...(iss === undefined ? {} : { iss }),
    ...(aud === undefined ? {} : { aud }),
    ...(binds ? { [binds.claim]: secret } : {}),
    iat: seconds,
    nbf: seconds,
    exp: seconds + (maxAgeSeconds ?? 300),
    ...(urlClaim === undefined ? {} : typeof urlClaim === "string" ? { [urlClaim]: request.url } : hashClaim(urlClaim, request.url)),
    ...(bodyHash ? hashClaim(bodyHash, request.body) : {}),
    ...(typeof claimsToSign === "function" ? claimsToSign(request, secret) : claimsToSign),
  };
}

/**
 * The claims of a token that is proved already, for a receiver whose body is a token. Empty if the text is none.
 *
 * @example data: ({ request }) => jwtClaims(request.body.toString("latin1"))
 */
export function jwtClaims(text: string): Claims {
  return readObject(text.split(".")[1] ?? "") ?? {};
}

function checkIssuer({ issuer }: ClaimRules, claims: Claims, secret: string): FailedProof | undefined {
  if (typeof issuer !== "function") return checkHeld({ iss: typeof claims["iss"] === "string" ? claims["iss"] : undefined }, "iss", issuer);
  return typeof claims["iss"] === "string" && issuer(claims["iss"], secret) === true ? undefined : wrong("iss");
}

/** Whether a claim is, or as a list holds, one of the texts expected. */
function checkHeld(claims: Claims, name: string, expected: string | readonly string[] | undefined): FailedProof | undefined {
  if (expected === undefined) return undefined;
  const given = [claims[name]].flat().filter((one) => typeof one === "string");
  return given.some((one) => [expected].flat().some((text) => isSameText(text, one))) ? undefined : wrong(name);
}

function checkTimes(rules: ClaimRules, claims: Claims, { context, isBodySigned }: ClaimsChecked): FailedProof | undefined {
  const { maxAgeSeconds, clockSkewSeconds: skew = 60 } = rules;
  const { iat, exp, nbf } = claims;
  if (maxAgeSeconds !== undefined) {
    const issued = typeof iat === "number" ? String(Math.floor(iat)) : "";
    const stale = checkTimestamp(issued, { pastSeconds: maxAgeSeconds, futureSeconds: skew }, context);
    if (stale?.verified === false) return stale;
  }
  if (exp === undefined) {
    const { requireExpiry = !(isBodySigned || rules.bodyHash || maxAgeSeconds !== undefined) } = rules;
    if (requireExpiry) return wrong("exp");
  } else if (!isTime(exp) || context.now >= exp + skew) return isTime(exp) ? expired("has expired") : wrong("exp");
  if (nbf !== undefined && !isTime(nbf)) return wrong("nbf");
  return isTime(nbf) && context.now < nbf - skew ? expired("does not hold yet") : undefined;
}

function checkUrl({ urlClaim }: ClaimRules, claims: Claims, { url }: ReceiverRequest): FailedProof | undefined {
  if (urlClaim === undefined) return undefined;
  const fault =
    typeof urlClaim === "string" ? checkHeld(claims, urlClaim, url) : checkHash(urlClaim, claims, url, "claim_mismatch", "the URL");
  return fault && { ...fault, hint: `${fault.hint} It is compared with the URL that \`publicUrl\` gives.` };
}

function checkBody({ bodyHash }: ClaimRules, claims: Claims, { body }: ReceiverRequest): FailedProof | undefined {
  if (bodyHash === undefined) return undefined;
  if (bodyHash.isOptionalForEmpty && body.length === 0 && claims[bodyHash.claim] === undefined) return undefined;
  return checkHash(bodyHash, claims, body, "body_hash_mismatch", "the body");
}

function checkHash(rule: HashClaim, claims: Claims, of: string | Buffer, code: ProofCode, what: string): FailedProof | undefined {
  const given = claims[rule.claim];
  const bytes = typeof given === "string" ? decodeBytes(given, rule.encoding ?? "hex") : undefined;
  return bytes && isSameText(digestOf(rule, of), bytes) ? undefined : failed(code, `The claim ${rule.claim} is not the hash of ${what}.`);
}

function hashClaim(rule: HashClaim, of: string | Buffer): Claims {
  return { [rule.claim]: encodeBytes(digestOf(rule, of), rule.encoding ?? "hex") };
}

function digestOf({ hash = "sha256" }: HashClaim, of: string | Buffer): Buffer {
  return createHash(hash).update(of).digest();
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function wrong(claim: string): FailedProof {
  return failed("claim_mismatch", `The claim ${claim} of the token is missing or not what this receiver expects.`);
}

function expired(what: string): FailedProof {
  return failed("token_expired", `The token ${what}. Is this machine's clock right, or is this a replay?`);
}
