import type { ReceiverRequest } from "../request.ts";
import type { LocalScheme, Verification } from "../verification.ts";
import { token } from "./token.ts";

/** The key that stands for "nothing is checked", once an operator has said so. */
export const unverifiedKey: unique symbol = Symbol("unverified");

/**
 * For providers that prove nothing: an unguessable code in the URL stands in, `?code=…`. Without a code nothing is accepted
 * unless the operator sets `unverified: true` for the receiver, which every start logs. Fetch the object from the provider.
 */
export function unproven(parameter = "code"): LocalScheme<Buffer | typeof unverifiedKey> {
  const code = token({ parameter });
  return {
    ...code,
    name: "none",
    verify(request: ReceiverRequest, keys: readonly (Buffer | typeof unverifiedKey)[]): Verification {
      if (keys.length === 1 && keys[0] === unverifiedKey) return { verified: true, secretIndex: 0 };
      return code.verify(request, keys as readonly Buffer[], { now: 0 });
    },
  };
}
