import type { LocalScheme } from "../verification.ts";
import { basic } from "./basic.ts";
import { token } from "./token.ts";

/** What a sender that signs nothing can be set up to send: a secret in a header, a bearer token, or user and password. */
export type CredentialKind = "header" | "bearer" | "basic";

/** Where the credentials stand. */
export interface CredentialOptions {
  /** The header of the kind `header`, whose whole value is the secret. Default `Authorization`. */
  readonly header?: string;
}

/**
 * The scheme for one kind of credentials, for receivers whose settings say which kind the sender was given. The request has no say in
 * it. No kind says anything about the body.
 */
export function credential(kind: CredentialKind, { header = "Authorization" }: CredentialOptions = {}): LocalScheme<Buffer> {
  switch (kind) {
    case "header":
      return token({ header });
    case "bearer":
      return token({ header: "Authorization", prefix: "Bearer " });
    case "basic":
      return basic();
  }
}
