import type { ErrorCode } from "../error-codes.ts";
import { isWebhookError } from "../errors.ts";
import type { RemoteDocuments } from "./remote.ts";
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
  | "claim_mismatch"
  | "token_expired"
  | "key_unknown"
  | "verification_failed"
>;

/** A proof that does not hold: which check failed, and what a person can do. */
export interface FailedProof {
  readonly verified: false;
  readonly code: ProofCode;
  readonly hint: string;
}

/** A proof that holds. */
export interface HeldProof {
  readonly verified: true;
  /** Which secret matched, by position. */
  readonly secretIndex: number;
  /** Whether this very proof covers the body, where the scheme's `bodyBound` is not the whole truth. */
  readonly bodyBound?: boolean;
}

/** What a scheme found. */
export type Verification = HeldProof | FailedProof;

/** Time for a verification, passed in so that a scheme needs no clock. */
export interface VerifyContext {
  /** Unix seconds. */
  readonly now: number;
  /** Replaces the scheme's own tolerance for signed times, in seconds. */
  readonly toleranceSeconds?: number;
  /** Keys and certificates from the provider, for schemes that need them. */
  readonly remote?: RemoteDocuments;
}

/** What a scheme adds to a request to sign it. */
export interface SignedParts {
  readonly headers: Readonly<Record<string, string>>;
  /** The URL, where the proof stands in its query. */
  readonly url?: string;
  /** The body, where the proof stands in it. */
  readonly body?: Buffer;
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
  /** Whether the proof covers the whole URL, so that `publicUrl` must be right. */
  readonly signsUrl: boolean;
  /** Whether the proof covers path and query. Default: as `signsUrl`. */
  readonly signsPath?: boolean;
  /** Lower-case names of headers any one of which carries the proof. Default: each proof header is needed. */
  readonly alternativeHeaders?: readonly string[];
  /** Whether `sign` takes the very secret that is configured. Default: so for shared secrets, not for public keys. */
  readonly signsWithSecret?: boolean;
  /** Whether the proof needs keys or certificates from the provider. Default false. */
  readonly isRemote?: boolean;
  /** How old a signed time may be, in seconds; undefined where no time is signed. */
  readonly toleranceSeconds?: number | undefined;
  verify(request: ReceiverRequest, keys: readonly Key[], context: VerifyContext): Verification | Promise<Verification>;
  /** Signs with the key in text form: the shared secret, or the private key where the scheme is asymmetric. */
  sign?(request: ReceiverRequest, secret: string, context: VerifyContext): SignedParts;
}

/** A scheme that needs nothing from the network, and so answers at once. */
export interface LocalScheme<Key = unknown> extends Scheme<Key> {
  verify(request: ReceiverRequest, keys: readonly Key[], context: VerifyContext): Verification;
}

/** A failed proof. */
export function failed(code: ProofCode, hint: string): FailedProof {
  return { verified: false, code, hint };
}

/**
 * Runs a scheme and believes nothing but its exact success value: a check that throws, returns `true` or nothing
 * at all has failed.
 *
 * @throws WebhookError `keys_unavailable` where the provider's keys cannot be had, so that nothing is known of the request.
 */
export function verifyRequest<Key>(
  scheme: LocalScheme<Key>,
  request: ReceiverRequest,
  keys: readonly unknown[],
  context: VerifyContext,
): Verification;
export function verifyRequest(
  scheme: Scheme,
  request: ReceiverRequest,
  keys: readonly unknown[],
  context: VerifyContext,
): Verification | Promise<Verification>;
export function verifyRequest(
  scheme: Scheme,
  request: ReceiverRequest,
  keys: readonly unknown[],
  context: VerifyContext,
): Verification | Promise<Verification> {
  if (keys.length === 0) return failed("verification_failed", "There is no secret to verify with.");
  try {
    const result = scheme.verify(request, keys, context);
    if (!(result instanceof Promise)) return believed(result, keys);
    return result.then(
      (settled) => believed(settled, keys),
      (error: unknown) => thrownBy(error),
    );
  } catch (error) {
    return thrownBy(error);
  }
}

function believed(result: Verification, keys: readonly unknown[]): Verification {
  if (result?.verified === true && Number.isInteger(result.secretIndex) && result.secretIndex in keys) return result;
  if (result?.verified === false && typeof result.code === "string") return result;
  return failed("verification_failed", "The check did not return a verification.");
}

function thrownBy(error: unknown): Verification {
  if (isWebhookError(error) && error.code === "keys_unavailable") throw error;
  return failed("verification_failed", `The check itself threw: ${error instanceof Error ? error.name : "not an Error"}.`);
}
