import { createPrivateKey, type KeyObject, sign, verify } from "node:crypto";
import type { ReceiverRequest } from "../request.ts";
import { type FailedProof, failed, type Scheme, type Verification, type VerifyContext } from "../verification.ts";
import { type AllowedUrls, allowedUrl } from "./allowed-url.ts";
import { type CompactJws, readCompactJws } from "./compact-jws.ts";
import { keySetDocument, publishedKeys } from "./signature-key-source.ts";
import { joinPieces } from "./signed-message.ts";
import type { Piece } from "./signed-text.ts";

/** What the payload of a detached JWS is made of, or why it cannot be made. */
export type DetachedPayload = readonly Piece[] | FailedProof;

/** One provider's use of a JWS without its payload, as data. */
export interface DetachedJwsOptions {
  /** The header with the JWS. */
  readonly header: string;
  /** The one algorithm that is accepted. Default `ES512`. */
  readonly algorithm?: keyof typeof algorithms;
  /** Where the key set lies: a fixed https URL, or one that the JWS names in `jku` and the rule allows. */
  readonly keys: string | AllowedUrls;
  readonly coversBody: boolean;
  readonly coversPath: boolean;
  /** Lower-case names of headers that are always covered. */
  readonly covers?: readonly string[];
  /** The payload, made of the request and of what the JWS's own header says it covers. Must check that it covers enough. */
  readonly payload: (request: ReceiverRequest, header: Readonly<Record<string, unknown>>) => DetachedPayload;
  /** Members of the header that `sign` writes besides `alg`. */
  readonly headerToSign?: Readonly<Record<string, unknown>>;
}

/** ECDSA in the names of RFC 7518, section 3.4. */
const algorithms = {
  ES256: { hash: "sha256", curve: "prime256v1", bytes: 64 },
  ES384: { hash: "sha384", curve: "secp384r1", bytes: 96 },
  ES512: { hash: "sha512", curve: "secp521r1", bytes: 132 },
} as const;

/** A JWS in a header, its payload made of the request: RFC 7515, appendix F. Keys by `kid`. `sign` takes the private key in PEM. */
export function detachedJws(options: DetachedJwsOptions): Scheme<"published"> {
  const { header, algorithm = "ES512", keys: place } = options;
  const { hash, curve, bytes } = algorithms[algorithm];
  return {
    name: "jws",
    secret: publishedKeys,
    bodyBound: options.coversBody,
    signsUrl: false,
    signsPath: options.coversPath,
    proofHeaders: [header.toLowerCase(), ...(options.covers ?? [])],
    proofParameters: [],
    isRemote: true,

    async verify(request: ReceiverRequest, _keys: readonly "published"[], context: VerifyContext): Promise<Verification> {
      const jws = readHeader(request, header);
      if ("verified" in jws) return jws;
      if (jws.header["alg"] !== algorithm || jws.signature.length !== bytes)
        return failed("signature_malformed", `The JWS is not signed with ${algorithm}.`);
      const pieces = options.payload(request, jws.header);
      if ("verified" in pieces) return pieces;
      const key = await loadSigner(jws, place, context);
      if ("verified" in key) return key;
      const isRight =
        key.asymmetricKeyDetails?.namedCurve === curve &&
        verify(hash, signingInput(jws.headerText, pieces), { key, ...rawSignature }, jws.signature);
      return isRight
        ? { verified: true, secretIndex: 0 }
        : failed("signature_mismatch", "The provider's key does not match: path, body or a covered header was changed on its way.");
    },

    sign(request: ReceiverRequest, secret: string) {
      const protectedHeader = { alg: algorithm, ...options.headerToSign };
      const headerText = Buffer.from(JSON.stringify(protectedHeader)).toString("base64url");
      const pieces = options.payload(request, protectedHeader);
      if ("verified" in pieces) throw new TypeError(`sign: ${pieces.hint}`);
      const signature = sign(hash, signingInput(headerText, pieces), { key: createPrivateKey(secret), ...rawSignature });
      return { headers: { [header]: `${headerText}..${signature.toString("base64url")}` } };
    },
  };
}

/** Two numbers of fixed length, as JOSE writes ECDSA. */
const rawSignature = { dsaEncoding: "ieee-p1363" } as const;

function readHeader(request: ReceiverRequest, header: string): CompactJws | FailedProof {
  const values = request.headers.all(header);
  const [value] = values;
  if (values.length > 1) return failed("signature_repeated", `The header ${header} occurs more than once.`);
  if (!value) return failed("signature_missing", `The header ${header} is missing.`);
  const jws = readCompactJws(value);
  return jws?.payloadText === "" ? jws : failed("signature_malformed", `The header ${header} is not a JWS with detached payload.`);
}

async function loadSigner({ header }: CompactJws, place: string | AllowedUrls, context: VerifyContext): Promise<KeyObject | FailedProof> {
  const { kid, jku } = header;
  const url = typeof place === "string" ? place : allowedUrl(typeof jku === "string" ? jku : "", place);
  if (url === undefined) return failed("key_unknown", "The JWS names a key set at a place where the provider keeps none.");
  if (typeof kid !== "string" || kid === "") return failed("key_unknown", "The JWS names no key.");
  if (!context.remote) return failed("verification_failed", "The provider's keys are needed, and nothing was given to load them with.");
  const keys = await context.remote.load(keySetDocument(url, kid));
  return keys.get(kid) ?? failed("key_unknown", "The provider's key set holds no key with the id that the JWS names.");
}

function signingInput(headerText: string, pieces: readonly Piece[]): Buffer {
  return Buffer.from(`${headerText}.${joinPieces(pieces).toString("base64url")}`);
}
