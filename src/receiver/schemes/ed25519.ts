import { type KeyObject, sign, verify } from "node:crypto";
import { type DigestEncoding, decodeDigest } from "../encoding.ts";
import type { ReceiverRequest } from "../request.ts";
import { failed, type Scheme, type VerifyContext } from "../verification.ts";
import { ed25519PrivateKey, ed25519PublicKey } from "./ed25519-keys.ts";
import { matchingKey } from "./hmac.ts";
import { compileSignedText, readSignedText } from "./signed-text.ts";
import { checkTimestamp, defaultTolerance, type Tolerance } from "./timestamp.ts";

/** One provider's use of Ed25519, as data. */
export interface Ed25519Options {
  /** The header with the 64-byte signature. */
  readonly header: string;
  /** Default `hex`. */
  readonly encoding?: DigestEncoding;
  /** What is signed: a template such as `{timestamp}{body}`. Default `{body}`. */
  readonly signed?: string;
  /** The header with the signed time in Unix seconds. */
  readonly timestampHeader?: string;
  /** How far the signed time may lie from now. Default 300 s back, 60 s ahead. */
  readonly tolerance?: Tolerance;
}

/** Ed25519 with a configured public key. RFC 8032. `sign` takes the private key. */
export function ed25519(options: Ed25519Options): Scheme<KeyObject> {
  const { header, encoding = "hex", timestampHeader, tolerance = defaultTolerance } = options;
  const signed = compileSignedText(options.signed ?? "{body}");
  if (signed.coversTimestamp !== (timestampHeader !== undefined)) {
    throw new TypeError("ed25519: `{timestamp}` in the signed text and `timestampHeader` go together.");
  }
  return {
    name: "ed25519",
    secret: ed25519PublicKey,
    bodyBound: signed.coversBody,
    signsUrl: signed.coversUrl,
    proofHeaders: [header, ...signed.headers, ...(timestampHeader ? [timestampHeader] : [])].map((name) => name.toLowerCase()),
    proofParameters: [],
    toleranceSeconds: timestampHeader === undefined ? undefined : tolerance.pastSeconds,

    verify(request: ReceiverRequest, keys: readonly KeyObject[], context: VerifyContext) {
      const value = request.headers.get(header);
      if (value === undefined || value === "") {
        return request.headers.all(header).length > 1
          ? failed("signature_repeated", `The header ${header} occurs more than once.`)
          : failed("signature_missing", `The header ${header} is missing.`);
      }
      const signature = decodeDigest(value, encoding, 64);
      if (!signature) return failed("signature_malformed", `The header ${header} is not 64 bytes in ${encoding}.`);
      const timestamp = timestampHeader === undefined ? "" : request.headers.get(timestampHeader);
      if (timestamp === undefined) return failed("signed_part_missing", `The header ${timestampHeader} is missing or repeated.`);
      const stale = timestampHeader === undefined ? undefined : checkTimestamp(timestamp, tolerance, context);
      if (stale) return stale;
      const text = readSignedText(signed, request, timestamp);
      if ("missing" in text) return failed("signed_part_missing", `The header ${text.missing} is missing or repeated.`);
      const message = joinPieces(text.pieces);
      const secretIndex = matchingKey(keys, (key) => verify(null, message, key, signature));
      if (secretIndex >= 0) return { verified: true, secretIndex };
      return failed(
        "signature_mismatch",
        "The public key does not match. Is it the one of this application? Providers also send wrong signatures on purpose, as a test.",
      );
    },

    sign(request: ReceiverRequest, secret: string, context: VerifyContext) {
      const key = ed25519PrivateKey(secret);
      if (!key) throw new TypeError("sign: expected an Ed25519 private key: 64 hexadecimal digits, `whsk_` and base64, or PEM.");
      const timestamp = String(Math.floor(context.now));
      const text = readSignedText(signed, request, timestamp);
      if ("missing" in text) throw new TypeError(`sign: the header ${text.missing} is missing.`);
      const signature = sign(null, joinPieces(text.pieces), key).toString(encoding);
      return { headers: { [header]: signature, ...(timestampHeader === undefined ? {} : { [timestampHeader]: timestamp }) } };
    },
  };
}

/** Pieces as one message; Ed25519 cannot be fed in parts. */
export function joinPieces(pieces: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece, "utf8") : piece)));
}
