import { createPrivateKey, type KeyObject, sign, verify } from "node:crypto";
import { decodeBytes } from "../encoding.ts";
import { isSameText } from "../equal.ts";
import type { ReceiverRequest } from "../request.ts";
import { textSecret } from "../secret-format.ts";
import { failed, type Scheme, type Verification, type VerifyContext } from "../verification.ts";
import { type CertificateRule, loadCertificateKey } from "./certificate-key.ts";
import { matchingKey } from "./hmac.ts";
import { headersAmong, nameOfPlace, type Place, parametersAmong, readPlace } from "./place.ts";
import { compileSignedMessage, joinPieces, type ReadMessage, type SignedMessageOptions } from "./signed-message.ts";
import { type Piece, secretPiece } from "./signed-text.ts";

/** The hashes of RSA signatures. SHA-1 only where the provider offers nothing else. */
export type CertificateHash = "sha256" | "sha1";

/** One provider's use of signatures by a certificate that the message names, as data. */
export interface CertificateSignatureOptions extends SignedMessageOptions {
  /** Where the URL of the certificate stands. */
  readonly certificateUrl: Place;
  /** Which certificates are believed. */
  readonly certificate: CertificateRule;
  /**
   * Where the message names whom it is for, such as an application or a topic: it must be a configured secret. Whoever is a
   * customer of the provider can have messages signed; so either this is given, or `{secret}` stands in the signed text.
   */
  readonly recipient?: Place;
  /** The hash, or where the message says which and what it may say. Default `sha256`. */
  readonly hash?: CertificateHash | { readonly from: Place; readonly values: Readonly<Record<string, CertificateHash>> };
}

/**
 * RSA, PKCS #1 v1.5, by a certificate at a URL that the message names and a rule allows. The configured secret is no secret: it
 * is the id of the webhook, application or topic, which must be in what is signed. `sign` takes the private key in PEM, where
 * the signed text holds `{secret}` behind the id and a line break; the URL of the certificate must be in the request.
 */
export function certificateSignature(options: CertificateSignatureOptions): Scheme<Buffer> {
  const { certificateUrl, certificate, recipient, hash = "sha256" } = options;
  const message = compileSignedMessage("certificate", { encoding: "base64", ...options });
  const holdsSecret = typeof options.signed === "string" && options.signed.includes("{secret}");
  if ((recipient === undefined) !== holdsSecret) throw new TypeError("certificate: give `recipient`, or `{secret}` in the signed text.");
  const { facts, encoding } = message;
  const hashPlace = typeof hash === "object" ? hash.from : undefined;
  const places = [certificateUrl, hashPlace];
  return {
    name: "certificate",
    secret: textSecret,
    ...facts,
    proofHeaders: [...new Set([...facts.proofHeaders, ...headersAmong(places)])],
    proofParameters: [...new Set([...facts.proofParameters, ...parametersAmong(places)])],
    isRemote: true,

    async verify(request: ReceiverRequest, keys: readonly Buffer[], context: VerifyContext): Promise<Verification> {
      const read = message.read(request, context);
      if ("verified" in read) return read;
      const signatures = read.signatures.flatMap((text) => decodeBytes(text, encoding) ?? []).filter(({ length }) => length > 0);
      if (signatures.length === 0) return failed("signature_malformed", `There is no signature in ${encoding} in ${message.place}.`);
      const hashName = readHash(request, hash);
      if (hashName === undefined)
        return failed("signature_malformed", "The request names a hash or version that the receiver does not take.");
      const [url, ...others] = readPlace(request, certificateUrl);
      if (url === undefined || others.length > 0)
        return failed("signed_part_missing", `The URL of the certificate, ${nameOfPlace(certificateUrl)}, is missing or repeated.`);
      const entitled = keys.map((key) => recipient === undefined || isRecipient(readPlace(request, recipient), key));
      if (!entitled.includes(true))
        return failed("claim_mismatch", "The request is for somebody else: none of the configured ids is the one in it.");
      const publicKey = await loadCertificateKey(url, certificate, context);
      if ("verified" in publicKey) return publicKey;
      const secretIndex = matchingKey(
        [...keys.keys()],
        (i) => entitled[i] === true && isSigned(read, signatures, { hashName, publicKey, id: keys[i] }),
      );
      return secretIndex < 0
        ? failed(
            "signature_mismatch",
            "The certificate's key does not match: the body was changed on its way, or the configured id is another.",
          )
        : { verified: true, secretIndex };
    },

    sign(request: ReceiverRequest, secret: string, context: VerifyContext) {
      const at = Math.max(secret.indexOf("-----BEGIN"), 0);
      const key = createPrivateKey(secret.slice(at));
      const id = Buffer.from(secret.slice(0, at).trim());
      return message.write(request, context, (pieces) => {
        const hashName = readHash(request, hash);
        if (hashName === undefined) throw new TypeError("sign: the request does not name a hash.");
        return sign(hashName, bytesOf(pieces, id), key);
      });
    },
  };
}

interface Signer {
  readonly hashName: CertificateHash;
  readonly publicKey: KeyObject;
  readonly id: Buffer | undefined;
}

function isSigned({ alternatives }: ReadMessage, signatures: readonly Buffer[], { hashName, publicKey, id }: Signer): boolean {
  if (publicKey.asymmetricKeyType !== "rsa") return false;
  return alternatives.some((pieces) => {
    const bytes = bytesOf(pieces, id);
    return signatures.some((signature) => verify(hashName, bytes, publicKey, signature));
  });
}

function bytesOf(pieces: readonly Piece[], id: Buffer = Buffer.alloc(0)): Buffer {
  return joinPieces(pieces.map((piece) => (piece === secretPiece ? id : piece)));
}

function isRecipient(values: readonly string[], id: Buffer): boolean {
  return values.length === 1 && isSameText(id, values[0]);
}

function readHash(request: ReceiverRequest, hash: NonNullable<CertificateSignatureOptions["hash"]>): CertificateHash | undefined {
  if (typeof hash === "string") return hash;
  const [name = "", ...others] = readPlace(request, hash.from);
  return others.length === 0 && Object.hasOwn(hash.values, name) ? hash.values[name] : undefined;
}
