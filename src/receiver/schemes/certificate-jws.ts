import { type KeyObject, verify, X509Certificate } from "node:crypto";
import { decodeBase64 } from "../encoding.ts";
import { isSameText } from "../equal.ts";
import { inspectData } from "../inspect-data.ts";
import type { ReceiverRequest } from "../request.ts";
import { textSecret } from "../secret-format.ts";
import { valuesAt } from "../source.ts";
import { unverifiedData } from "../unverified-body.ts";
import { type FailedProof, failed, type Scheme, type Verification, type VerifyContext } from "../verification.ts";
import { detailsOf, findChain, maxCertificates, type Roots, rootsOf } from "./certificate-chain.ts";
import { type CompactJws, readCompactJws, readJsonPart } from "./compact-jws.ts";
import { matchingKey } from "./hmac.ts";
import { checkTimestamp, readTime, type TimeUnit, type Tolerance } from "./timestamp.ts";

/** One provider's use of a JWS that brings its own certificates, as data. */
export interface CertificateJwsOptions {
  /** The one member of the JSON body, which holds the JWS. */
  readonly member: string;
  /** Certificates to which the chain must lead, PEM or base64 of DER. */
  readonly roots: readonly string[];
  /** Paths in the payload, at the first filled one of which it names whom it is for: it must be a configured secret. */
  readonly recipient: readonly string[];
  /** Object identifiers of extensions that the signer's certificate must have. */
  readonly leafExtensions?: readonly string[];
  /** The same for the certificate of its issuer. */
  readonly issuerExtensions?: readonly string[];
  /** The number of certificates in the header, where the provider fixes it. */
  readonly chainLength?: number;
  /** The payload's own time. The certificates must be valid then, and it must lie within the tolerance. Default: now, and none is asked for. */
  readonly signedAt?: { readonly path: string; readonly unit: TimeUnit; readonly tolerance: Tolerance | "unchecked" };
}

/**
 * A JWS as the whole body, ES256, by a certificate in its own header (`x5c`) whose chain leads to a given root. RFC 7515,
 * section 4.1.6. The configured secret is no secret: it is the id of the application, which must be in the payload.
 */
export function certificateJws(options: CertificateJwsOptions): Scheme<Buffer> {
  const roots = rootsOf(options.roots);
  const { signedAt } = options;
  const tolerance = signedAt?.tolerance ?? "unchecked";
  return {
    name: "certificate",
    secret: textSecret,
    bodyBound: true,
    signsUrl: false,
    proofHeaders: [],
    proofParameters: [],
    toleranceSeconds: tolerance === "unchecked" ? undefined : tolerance.pastSeconds,

    verify(request: ReceiverRequest, keys: readonly Buffer[], context: VerifyContext): Verification {
      const jws = readBody(request, options.member);
      if ("verified" in jws) return jws;
      // The chain depends on a time in the payload, which is believed only if the whole proof holds.
      const payload = readPayload(jws);
      if (payload === undefined) return failed("signature_malformed", "The payload of the JWS is not JSON, or too complex.");
      const time = signedAt ? String(valuesAt(payload, signedAt.path)[0] ?? "") : "";
      const stale = signedAt && tolerance !== "unchecked" ? checkTimestamp(time, tolerance, context, signedAt.unit) : undefined;
      if (stale) return stale;
      const validAt = signedAt ? readTime(time, signedAt.unit) : context.now;
      if (validAt === undefined)
        return failed("timestamp_malformed", `The payload's ${signedAt?.path} is not a time in the provider's form.`);
      const key = signerOf(jws, options, { roots, validAt });
      if ("verified" in key) return key;
      if (jws.header["alg"] !== "ES256" || !isEs256(key, jws))
        return failed("signature_mismatch", "The signature is not that of the certificate in the JWS.");
      const recipient = options.recipient
        .flatMap((path) => valuesAt(payload, path))
        .find((value) => typeof value === "string" && value !== "");
      const secretIndex = matchingKey(keys, (id) => isSameText(id, typeof recipient === "string" ? recipient : undefined));
      return secretIndex < 0
        ? failed("claim_mismatch", "The payload is for another application: none of the configured ids is the one in it.")
        : { verified: true, secretIndex };
    },
  };
}

/** The payload of a JWS whose proof has held: for `data` of a receiver, and for a JWS inside the payload. Undefined if it is not JSON. */
export function jwsPayload(text: unknown): unknown {
  const jws = typeof text === "string" ? readCompactJws(text) : undefined;
  return jws && readPayload(jws);
}

const limits = { maxDepth: 50, maxKeys: 5_000 };

function readPayload({ payloadText }: CompactJws): unknown {
  const payload = readJsonPart(payloadText);
  try {
    inspectData(payload, limits);
    return payload;
  } catch {
    return undefined;
  }
}

/** The JWS of a body that has no other member, which would not be signed. */
function readBody(request: ReceiverRequest, member: string): CompactJws | FailedProof {
  const data = unverifiedData(request);
  const names = typeof data === "object" && data !== null ? Object.keys(data) : [];
  const [text] = valuesAt(data, member);
  if (typeof text !== "string" || text === "") return failed("signature_missing", `The body is not JSON with a text ${member}.`);
  if (names.length > 1) return failed("signature_malformed", `The body has more than its signed ${member}.`);
  return readCompactJws(text) ?? failed("signature_malformed", `The body's ${member} is not a JWS.`);
}

interface ChainRule {
  readonly roots: Roots;
  readonly validAt: number;
}

function signerOf({ header }: CompactJws, options: CertificateJwsOptions, { roots, validAt }: ChainRule): KeyObject | FailedProof {
  const [leaf, ...intermediates] = certificatesOf(header["x5c"], options.chainLength);
  if (!leaf) return failed("signature_malformed", "The header of the JWS does not hold the certificates that it should.");
  const found = findChain(leaf, { intermediates, roots, now: validAt });
  if ("problem" in found) return failed("key_unknown", found.problem);
  const [, issuer = leaf] = found.chain;
  const has = (certificate: X509Certificate, oids: readonly string[] = []): boolean =>
    oids.every((oid) => detailsOf(certificate)?.extensions.has(oid) === true);
  return has(leaf, options.leafExtensions) && has(issuer, options.issuerExtensions)
    ? leaf.publicKey
    : failed("key_unknown", "The certificate in the JWS was issued for another purpose.");
}

/** The certificates of `x5c`; none if one of them is not a certificate. */
function certificatesOf(x5c: unknown, length: number | undefined): readonly X509Certificate[] {
  if (!Array.isArray(x5c) || x5c.length > maxCertificates || (length !== undefined && x5c.length !== length)) return [];
  try {
    return x5c.map((text: unknown) => {
      const der = typeof text === "string" ? decodeBase64(text) : undefined;
      if (!der) throw new TypeError("Not base64.");
      return new X509Certificate(der);
    });
  } catch {
    return [];
  }
}

function isEs256(key: KeyObject, { headerText, payloadText, signature }: CompactJws): boolean {
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return false;
  return verify("sha256", Buffer.from(`${headerText}.${payloadText}`), { key, dsaEncoding: "ieee-p1363" }, signature);
}
