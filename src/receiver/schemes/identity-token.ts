import { failed, type Scheme } from "../verification.ts";
import { jwt } from "./jwt.ts";
import type { JwtKey } from "./jwt-keys.ts";

/** Whose identity a token proves. */
export interface IdentityTokenOptions {
  /** URL of the issuer's key set. */
  readonly jwks: string;
  /** `iss`: any of these. */
  readonly issuer: readonly string[];
  /** The verified address of the account that calls. */
  readonly email: string;
}

/**
 * A bearer token that proves the identity of a service account. What is configured as the secret is the audience. Whoever has an
 * account with the issuer gets tokens for any audience: it is the address that tells them apart. OpenID Connect Core 1.0, section 2.
 */
export function identityToken({ jwks, issuer, email }: IdentityTokenOptions): Scheme<JwtKey> {
  return jwt({
    header: "Authorization",
    prefix: "Bearer ",
    algorithms: ["RS256"],
    key: { jwks },
    issuer,
    binds: { claim: "aud" },
    check: (claims) =>
      claims["email"] === email && claims["email_verified"] === true
        ? undefined
        : failed("claim_mismatch", "The token is of another account than the configured one, or its address is not verified."),
    claimsToSign: { email, email_verified: true },
  });
}
