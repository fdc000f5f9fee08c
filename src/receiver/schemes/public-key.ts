import { KeyObject } from "node:crypto";
import { decodeBytes } from "../encoding.ts";
import type { RemoteDocument } from "../remote.ts";
import type { ReceiverRequest } from "../request.ts";
import type { SecretFormat } from "../secret-format.ts";
import { type FailedProof, failed, type Scheme, type Verification, type VerifyContext } from "../verification.ts";
import { matchingKey } from "./hmac.ts";
import { type KeySet, keysIn } from "./key-set.ts";
import type { SigningKey } from "./key-text.ts";
import { compileSignedMessage, joinPieces, type ReadMessage, type SignedMessageOptions } from "./signed-message.ts";
import { type Piece, secretPiece } from "./signed-text.ts";

/** What is configured: a public key, or, where the key is fetched, text that names the registration. */
export type PublicKey = KeyObject | string;

/** A key that is not configured but fetched from the provider. */
export interface RemoteKey {
  /**
   * The document with the key. `secret` is the configured text. A URL that the request names must be checked here, against the
   * provider's rule; where it does not keep to it, this gives a failed proof.
   */
  document(request: ReceiverRequest, secret: string): RemoteDocument<KeyObject> | RemoteDocument<KeySet> | FailedProof;
  /** Which key of a set signed. Default: each that fits is tried. */
  keyId?(request: ReceiverRequest): string | undefined;
}

/** What the public-key schemes have in common. */
export interface PublicKeyOptions extends SignedMessageOptions {
  /** Where the key comes from, if it is not what is configured. The signed text may then have `{secret}` in it. */
  readonly remoteKey?: RemoteKey;
}

/** One algorithm with its parameters. */
export interface KeyAlgorithm {
  readonly name: string;
  /** A configured public key. */
  readonly secret: SecretFormat<KeyObject>;
  /** Whether a fetched key is of the right kind and size. */
  fits(key: KeyObject): boolean;
  /** What a signature is, for hints: "64 bytes". */
  readonly form: string;
  /** Whether bytes have the form of a signature. */
  isSignature(bytes: Buffer): boolean;
  verify(message: Buffer, key: KeyObject, signature: Buffer): boolean;
  /** A private key from its text, or undefined. */
  signingKey(text: string): SigningKey | undefined;
  sign(message: Buffer, key: KeyObject): Buffer;
}

/** A scheme of a public-key algorithm. `sign` takes the private key. */
export function publicKeyScheme(algorithm: KeyAlgorithm, options: PublicKeyOptions): Scheme<PublicKey> {
  const { name } = algorithm;
  const { remoteKey } = options;
  const message = compileSignedMessage(name, options);
  if (remoteKey === undefined && typeof options.signed === "string" && options.signed.includes("{secret}")) {
    throw new TypeError(`${name}: \`{secret}\` in the signed text needs \`remoteKey\`; a public key is no secret.`);
  }
  return {
    name,
    secret: remoteKey ? registrationText : algorithm.secret,
    ...message.facts,
    ...(remoteKey ? { isRemote: true } : {}),

    verify(request: ReceiverRequest, keys: readonly PublicKey[], context: VerifyContext) {
      const read = message.read(request, context);
      if ("verified" in read) return read;
      const signatures = read.signatures
        .map((text) => decodeBytes(text, message.encoding))
        .filter((bytes) => bytes !== undefined && algorithm.isSignature(bytes)) as Buffer[];
      if (signatures.length === 0) {
        return failed("signature_malformed", `There is no signature of ${algorithm.form} in ${message.encoding} in ${message.place}.`);
      }
      const proof: Proof = { algorithm, request, read, signatures };
      return remoteKey ? verifyFetched(proof, remoteKey, keys, context) : verifyConfigured(proof, keys);
    },

    sign(request: ReceiverRequest, secret: string, context: VerifyContext) {
      const signing = algorithm.signingKey(secret);
      if (!signing) throw new TypeError(`sign: expected a private key for ${name}, as PEM, base64 or a JSON Web Key.`);
      return message.write(request, context, (pieces) => algorithm.sign(textOf(pieces, signing.secret ?? ""), signing.key));
    },
  };
}

/** What is to be proved, read from a request. */
interface Proof {
  readonly algorithm: KeyAlgorithm;
  readonly request: ReceiverRequest;
  readonly read: ReadMessage;
  readonly signatures: readonly Buffer[];
}

function verifyConfigured({ algorithm, read, signatures }: Proof, keys: readonly PublicKey[]): Verification {
  const texts = read.alternatives.map(joinPieces);
  const secretIndex = matchingKey(
    keys,
    (key) => key instanceof KeyObject && signatures.some((signature) => texts.some((text) => algorithm.verify(text, key, signature))),
  );
  return secretIndex >= 0 ? { verified: true, secretIndex } : mismatch;
}

/** Without `context.remote` this throws, and so fails. */
async function verifyFetched(
  proof: Proof,
  remoteKey: RemoteKey,
  secrets: readonly PublicKey[],
  context: VerifyContext,
): Promise<Verification> {
  const { algorithm, request, read, signatures } = proof;
  let failure: FailedProof | undefined;
  for (const [secretIndex, secret] of secrets.entries()) {
    if (typeof secret !== "string") throw new TypeError("Expected the text that is configured.");
    const document = remoteKey.document(request, secret);
    if ("verified" in document) {
      failure ??= document;
      continue;
    }
    const keys = await fetchedKeys(document, algorithm, remoteKey.keyId?.(request), context);
    if (keys.length === 0) failure ??= failed("key_unknown", "The provider publishes no such key for this algorithm.");
    const texts = read.alternatives.map((pieces) => textOf(pieces, secret));
    const isMatch = (key: KeyObject): boolean =>
      signatures.some((signature) => texts.some((text) => algorithm.verify(text, key, signature)));
    if (keys.some(isMatch)) return { verified: true, secretIndex };
  }
  return failure ?? mismatch;
}

async function fetchedKeys(
  document: RemoteDocument<KeyObject> | RemoteDocument<KeySet>,
  { fits: isOfKind }: KeyAlgorithm,
  keyId: string | undefined,
  { remote }: VerifyContext,
): Promise<readonly KeyObject[]> {
  if (!remote) throw new TypeError("The proof needs keys from the provider, and nothing fetches them.");
  const fits = (key: KeyObject): boolean => key.type === "public" && isOfKind(key);
  const keysOf = (found: KeyObject | KeySet): readonly KeyObject[] =>
    found instanceof KeyObject ? [found].filter(fits) : keysIn(found, { keyId, fits });
  const { suffices } = document as RemoteDocument<KeyObject | KeySet>;
  const found = await remote.load<KeyObject | KeySet>({
    ...(document as RemoteDocument<KeyObject | KeySet>),
    suffices: (one) => keysOf(one).length > 0 && (suffices?.(one) ?? true),
  });
  return keysOf(found);
}

function textOf(pieces: readonly Piece[], secret: string): Buffer {
  return joinPieces(pieces.map((piece) => (piece === secretPiece ? secret : piece)));
}

const mismatch = failed(
  "signature_mismatch",
  "The public key does not match, or what is signed was changed on its way. Is it the key of this application and environment?",
);

/** Text that names a registration where keys are fetched. */
export const registrationText: SecretFormat<string> = {
  description: "text, used as it is",
  parse: (text) => (text === "" ? undefined : text),
  byteLength: (text) => Buffer.byteLength(text, "utf8"),
};
