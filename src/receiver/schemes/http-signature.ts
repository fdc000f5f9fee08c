import type { KeyObject } from "node:crypto";
import type { ReceiverRequest } from "../request.ts";
import type { SecretFormat } from "../secret-format.ts";
import { type FailedProof, failed, type Scheme, type Verification, type VerifyContext } from "../verification.ts";
import { checkContentDigest, contentDigestOf } from "./content-digest.ts";
import { matchingKey } from "./hmac.ts";
import { algorithmsFor, isSigned, type SignatureAlgorithm, signatureKey, signWith } from "./signature-algorithms.ts";
import { plainComponents, signatureBase, urlCoverage } from "./signature-base.ts";
import { type KeySource, loadKey, publishedKeys } from "./signature-key-source.ts";
import { type BareItem, type InnerList, isInnerList, parseDictionary, serializeInnerList } from "./structured-fields.ts";
import { checkTimestamp, defaultTolerance, type Tolerance } from "./timestamp.ts";
import { withHeaders } from "./with-headers.ts";

/** One provider's use of HTTP message signatures, as data. */
export interface HttpSignatureOptions {
  /** What every signature must cover, such as `@method`, `@target-uri`, `content-digest`. It may cover more. */
  readonly components: readonly string[];
  /** What is accepted. Where a key fits more than one, the message must say which. `hmac-sha256` stands alone. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /** The label of the provider's signature. Default: whatever it is, if there is only one signature. */
  readonly label?: string;
  /** The `tag` of the provider's signatures; others are not looked at. */
  readonly tag?: string;
  /** Form of a shared secret. Default `text`. */
  readonly keyForm?: "text" | "base64" | "hex";
  /** Where keys come from, by `keyid`, if they are not configured. The secret is then {@link publishedKeys}. */
  readonly keys?: KeySource;
  /** How far `created` may lie from now. Default 300 s back, 60 s ahead. `unchecked` where the provider states no time. */
  readonly tolerance?: Tolerance | "unchecked";
  /** The `keyid` that `sign` writes. Default `key`. */
  readonly keyId?: string;
}

/**
 * HTTP message signatures, RFC 9421, with `Content-Digest`, RFC 9530: it is recomputed wherever a signature covers it, and the
 * body is bound where `components` name it. `sign` takes the private key in PEM, or the shared secret.
 */
export function httpSignature(options: HttpSignatureOptions): Scheme<KeyObject | "published"> {
  const { components, algorithms, keys: source, tolerance = defaultTolerance } = options;
  const format = signatureKey(algorithms, options.keyForm);
  const secret: SecretFormat<KeyObject | "published"> = source ? publishedKeys : format;
  return {
    name: "http-signature",
    secret,
    bodyBound: components.includes("content-digest"),
    ...urlCoverage(components),
    proofHeaders: ["signature", "signature-input", ...components.filter((name) => !name.startsWith("@")).map((name) => name.toLowerCase())],
    proofParameters: [],
    isRemote: source !== undefined,
    toleranceSeconds: tolerance === "unchecked" ? undefined : tolerance.pastSeconds,

    verify(request: ReceiverRequest, keys: readonly (KeyObject | "published")[], context: VerifyContext) {
      const found = selectSignature(request, options);
      if ("verified" in found) return found;
      const { input, signature } = found;
      const refusal = checkParameters(input, options, context) ?? checkCoverage(request, input, components);
      if (refusal) return refusal;
      const base = signatureBase(request, input);
      if (!Buffer.isBuffer(base)) return base;
      const bodyBound = plainComponents(input).includes("content-digest");
      const judge = (candidates: readonly KeyObject[]): Verification =>
        judgeSignature(candidates, algorithms, { input, signature, base, bodyBound });
      if (!source) return judge(keys.filter((key) => key !== "published"));
      return loadKey(source, textOf(input.parameters.get("keyid")), context).then((key) => ("verified" in key ? key : judge([key])));
    },

    sign(request: ReceiverRequest, text: string, context: VerifyContext) {
      const headers: Record<string, string> = components.includes("content-digest")
        ? { "Content-Digest": contentDigestOf(request.body) }
        : {};
      const [algorithm] = algorithms;
      if (algorithm === undefined) throw new TypeError("sign: there is no algorithm.");
      const parameters = new Map<string, BareItem>([
        ["created", Math.floor(context.now)],
        ["keyid", options.keyId ?? "key"],
        ["alg", algorithm],
        ...(options.tag === undefined ? [] : [["tag", options.tag] as const]),
      ]);
      const input = { items: components.map((value) => ({ value, parameters: new Map() })), parameters };
      const base = signatureBase(withHeaders(request, headers), input);
      if (!Buffer.isBuffer(base)) throw new TypeError(`sign: ${base.hint}`);
      const label = options.label ?? "sig1";
      const signature = signWith(algorithm, text, base, format).toString("base64");
      return { headers: { ...headers, "Signature-Input": `${label}=${serializeInnerList(input)}`, Signature: `${label}=:${signature}:` } };
    },
  };
}

interface FoundSignature {
  readonly input: InnerList;
  readonly signature: Buffer;
}

/** The one signature that is the provider's. Two that could be are refused: one of them was added on the way. */
function selectSignature(request: ReceiverRequest, { label, tag }: HttpSignatureOptions): FoundSignature | FailedProof {
  for (const name of ["Signature", "Signature-Input"]) {
    const { length } = request.headers.all(name);
    if (length > 1) return failed("signature_repeated", `The header ${name} occurs more than once.`);
    if (length === 0 || !request.headers.get(name)) return failed("signature_missing", `The header ${name} is missing.`);
  }
  const inputs = parseDictionary(request.headers.get("Signature-Input") ?? "");
  const signatures = parseDictionary(request.headers.get("Signature") ?? "");
  if (!inputs || !signatures) return failed("signature_malformed", "Signature or Signature-Input is not a dictionary of RFC 8941.");
  const candidates = [...inputs].filter(([name, member]) => {
    return (label === undefined || name === label) && (tag === undefined || member.parameters.get("tag") === tag);
  });
  const [name, input] = candidates[0] ?? [];
  if (name === undefined) return failed("signature_missing", "No signature has the label and tag of the provider's.");
  if (candidates.length > 1) return failed("signature_malformed", "There is more than one signature; the receiver's `label` can name one.");
  const member = signatures.get(name);
  const signature = member && !isInnerList(member) ? member.value : undefined;
  if (!isInnerList(input) || !Buffer.isBuffer(signature))
    return failed("signature_malformed", "Signature and Signature-Input do not belong together.");
  return { input, signature };
}

/** The parameters of RFC 9421, section 2.3. */
function checkParameters(
  { parameters }: InnerList,
  { algorithms, tolerance = defaultTolerance }: HttpSignatureOptions,
  context: VerifyContext,
) {
  const algorithm = parameters.get("alg");
  if (algorithm !== undefined && !(algorithms as readonly unknown[]).includes(algorithm))
    return failed("signature_malformed", "The signature names an algorithm that the receiver does not take.");
  const created = parameters.get("created");
  if (tolerance !== "unchecked") {
    if (created === undefined) return failed("signed_part_missing", "The signature does not state when it was created.");
    const stale = checkTimestamp(typeof created === "number" ? String(created) : "", tolerance, context);
    if (stale) return stale;
  }
  const expires = parameters.get("expires");
  if (expires === undefined) return undefined;
  if (typeof expires !== "number") return failed("timestamp_malformed", "`expires` is not a whole number of Unix seconds.");
  return context.now > expires ? failed("token_expired", "The signature says of itself that it has expired.") : undefined;
}

function checkCoverage(request: ReceiverRequest, input: InnerList, components: readonly string[]): FailedProof | undefined {
  const covered = plainComponents(input);
  const missing = components.find((name) => !covered.includes(name.toLowerCase()));
  if (missing !== undefined) return failed("signed_part_missing", `The signature does not cover ${missing}.`);
  return covered.includes("content-digest") ? checkContentDigest(request) : undefined;
}

interface ReadSignature extends FoundSignature {
  readonly base: Buffer;
  readonly bodyBound: boolean;
}

function judgeSignature(
  keys: readonly KeyObject[],
  algorithms: readonly SignatureAlgorithm[],
  { input, signature, base, bodyBound }: ReadSignature,
): Verification {
  const named = input.parameters.get("alg");
  const secretIndex = matchingKey(keys, (key) => {
    const [algorithm, ...others] = algorithmsFor(key, algorithms).filter((name) => named === undefined || name === named);
    return algorithm !== undefined && others.length === 0 && isSigned(algorithm, key, base, signature);
  });
  if (secretIndex >= 0) return { verified: true, secretIndex, bodyBound };
  return failed(
    "signature_mismatch",
    "The key does not match, or a covered part of the request (its URL, a header) was changed on its way.",
  );
}

function textOf(value: BareItem | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
