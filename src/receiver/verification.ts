import type { ErrorCode } from "../error-codes.ts";
import type { ReceiverRequest } from "./request.ts";
import type { SecretFormat } from "./secret-format.ts";

/** The codes with which a proof can fail. All of them are answered 401 with one same body. */
export type ProofCode = Extract<
  ErrorCode,
  | "signature_missing"
  | "signature_repeated"
  | "signature_malformed"
  | "signature_mismatch"
  | "signed_part_missing"
  | "timestamp_malformed"
  | "timestamp_too_old"
  | "timestamp_in_future"
  | "body_hash_mismatch"
  | "token_mismatch"
  | "verification_failed"
>;

/** A proof that does not hold: which check failed, and what a person can do. */
export interface FailedProof {
  readonly verified: false;
  readonly code: ProofCode;
  readonly hint: string;
}

/** What a scheme found: which secret matched, by position, or which check failed. */
export type Verification = { readonly verified: true; readonly secretIndex: number } | FailedProof;

/** Time for a verification, passed in so that a scheme needs no clock. */
export interface VerifyContext {
  /** Unix seconds. */
  readonly now: number;
  /** Replaces the scheme's own tolerance for signed times, in seconds. */
  readonly toleranceSeconds?: number;
}

/** What a scheme adds to a request to sign it. */
export interface SignedParts {
  readonly headers: Readonly<Record<string, string>>;
  /** The URL, where the proof stands in its query. */
  readonly url?: string;
}

/**
 * How authenticity is proved. `verify` reads exact bytes and is constant-time over the secret; `sign`, where we can
 * hold the key, makes a request that `verify` accepts.
 */
export interface Scheme<Key = unknown> {
  /** The name in the glossary: `hmac`, `ed25519`, `token`, … */
  readonly name: string;
  /** How a configured secret becomes a key. */
  readonly secret: SecretFormat<Key>;
  /** Whether the proof covers the body, so that a changed body is refused. */
  readonly bodyBound: boolean;
  /** Lower-case names of the headers that carry the proof or are covered by it. Never logged, never queued. */
  readonly proofHeaders: readonly string[];
  /** Query parameters that carry the proof. Never logged, never queued. */
  readonly proofParameters: readonly string[];
  /** Whether the proof is the secret itself, as with a token, so that not even handlers see it. Default false. */
  readonly proofIsSecret?: boolean;
  /** Whether the proof covers the URL, so that `publicUrl` must be right. */
  readonly signsUrl: boolean;
  /** How old a signed time may be, in seconds; undefined where no time is signed. */
  readonly toleranceSeconds?: number | undefined;
  verify(request: ReceiverRequest, keys: readonly Key[], context: VerifyContext): Verification;
  /** Signs with the key in text form: the shared secret, or the private key where the scheme is asymmetric. */
  sign?(request: ReceiverRequest, secret: string, context: VerifyContext): SignedParts;
}

/** A failed proof. */
export function failed(code: ProofCode, hint: string): FailedProof {
  return { verified: false, code, hint };
}

/**
 * Runs a scheme and believes nothing but its exact success value: a check that throws, returns `true` or nothing
 * at all has failed.
 */
export function verifyRequest(scheme: Scheme, request: ReceiverRequest, keys: readonly unknown[], context: VerifyContext): Verification {
  if (keys.length === 0) return failed("verification_failed", "There is no secret to verify with.");
  let result: Verification;
  try {
    result = scheme.verify(request, keys, context);
  } catch (error) {
    return failed("verification_failed", `The check itself threw: ${error instanceof Error ? error.name : "not an Error"}.`);
  }
  if (result?.verified === true && Number.isInteger(result.secretIndex) && result.secretIndex in keys) return result;
  if (result?.verified === false && typeof result.code === "string") return result;
  return failed("verification_failed", "The check did not return a verification.");
}
