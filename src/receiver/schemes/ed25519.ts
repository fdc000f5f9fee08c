import { sign, verify } from "node:crypto";
import type { Scheme } from "../verification.ts";
import { ed25519PrivateKey, ed25519PublicKey } from "./ed25519-keys.ts";
import { signingKeyOf } from "./key-text.ts";
import { type PublicKey, type PublicKeyOptions, publicKeyScheme } from "./public-key.ts";

// Other schemes of Ed25519 join what they sign as well.

/** One provider's use of Ed25519, as data. The default encoding is `hex`. */
export type Ed25519Options = PublicKeyOptions;

/** Ed25519 with a public key. RFC 8032. `sign` takes the private key. */
export function ed25519(options: Ed25519Options): Scheme<PublicKey> {
  return publicKeyScheme(
    {
      name: "ed25519",
      secret: ed25519PublicKey,
      fits: (key) => key.asymmetricKeyType === "ed25519",
      form: "64 bytes",
      isSignature: (bytes) => bytes.length === 64,
      verify: (message, key, signature) => verify(null, message, key, signature),
      signingKey(text) {
        const key = ed25519PrivateKey(text);
        return key && { ...signingKeyOf(text), key };
      },
      sign: (message, key) => sign(null, message, key),
    },
    options,
  );
}
