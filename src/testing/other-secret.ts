import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Receiver } from "../receiver/index.ts";
import { changedSecret } from "./changed-requests.ts";

/**
 * A secret of the receiver's form that is not this one: one character changed, or, of a public key, a new one of its kind.
 *
 * @throws TypeError if none can be made.
 */
export function otherSecret({ verify: { secret } }: Receiver, text: string): string {
  const changed = changedSecret(text);
  if (secret.parse(changed) !== undefined) return changed;
  const other = [...otherSecrets(text)].find((one) => secret.parse(one) !== undefined);
  if (other !== undefined) return other;
  throw new TypeError(`No other secret can be made: ${secret.description}.`);
}

/** Other secrets that may have the form of this one. */
function* otherSecrets(text: string): Generator<string> {
  const key = publicKeyIn(text);
  if (key === undefined) {
    // An identifier: its last digit or letter.
    for (const last of ["2", "b", "B"]) yield text.replace(/[A-Za-z0-9](?=[^A-Za-z0-9]*$)/, last);
    return;
  }
  const other = newKeyLike(key);
  yield other.export({ type: "spki", format: "pem" }).toString();
  yield other.export({ type: "spki", format: "der" }).toString("base64");
  yield other.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
}

function publicKeyIn(text: string): KeyObject | undefined {
  try {
    return text.startsWith("-----BEGIN")
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

function newKeyLike(key: KeyObject): KeyObject {
  const { modulusLength = 2048, namedCurve = "prime256v1" } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "rsa":
      return generateKeyPairSync("rsa", { modulusLength }).publicKey;
    case "ec":
      return generateKeyPairSync("ec", { namedCurve }).publicKey;
    default:
      return generateKeyPairSync("ed25519").publicKey;
  }
}
