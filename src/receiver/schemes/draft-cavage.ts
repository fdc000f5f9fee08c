import type { KeyObject } from "node:crypto";
import { decodeBase64 } from "../encoding.ts";
import type { ReceiverRequest } from "../request.ts";
import type { SecretFormat } from "../secret-format.ts";
import { type FailedProof, failed, type Scheme, type Verification, type VerifyContext } from "../verification.ts";
import { checkDigest, digestOf } from "./content-digest.ts";
import { matchingKey } from "./hmac.ts";
import { algorithmsFor, isSigned, type SignatureAlgorithm, signatureKey, signWith } from "./signature-algorithms.ts";
import { type KeySource, loadKey, publishedKeys } from "./signature-key-source.ts";
import { parseSignatureParameters, type SignatureParameters, signingString } from "./signing-string.ts";
import { checkTimestamp, defaultTolerance, type TimeUnit, type Tolerance, writeTime } from "./timestamp.ts";
import { withHeaders } from "./with-headers.ts";

/** The names of draft-cavage for algorithms, and ours. */
const algorithmNames = { ed25519: "ed25519", "hmac-sha256": "hmac-sha256", "rsa-sha256": "rsa-v1_5-sha256" } as const;

/** One provider's use of draft-cavage-http-signatures, as data. */
export interface DraftCavageOptions {
  /** The header with the signature. Default `Signature`. In `Authorization` it stands behind the word `Signature`. */
  readonly header?: string;
  /** Lines that every signature must cover, such as `(request-target)`, `host`, `date`, `digest`. It may cover more. */
  readonly lines: readonly string[];
  /** What is accepted. The message may name one of them, `hs2019`, or none: the key decides. `hmac-sha256` stands alone. */
  readonly algorithms: readonly (keyof typeof algorithmNames)[];
  /** Form of a shared secret. Default `text`. */
  readonly keyForm?: "text" | "base64" | "hex";
  /** Where keys come from, by `keyId`, if they are not configured. The secret is then {@link publishedKeys}. */
  readonly keys?: KeySource;
  /** How far `(created)` or `date` may lie from now; one of them must be covered. Default 300 s back, 60 s ahead. */
  readonly tolerance?: Tolerance | "unchecked";
  /** The `keyId` that `sign` writes. Default `key`. */
  readonly keyId?: string;
}

/**
 * HTTP signatures as they were before RFC 9421: draft-cavage-http-signatures-12, with `Digest`, RFC 3230, which is recomputed
 * wherever a signature covers it. `sign` takes the private key in PEM, or the shared secret.
 */
export function draftCavage(options: DraftCavageOptions): Scheme<KeyObject | "published"> {
  const { header = "Signature", keys: source, tolerance = defaultTolerance } = options;
  const required = options.lines.map((line) => line.toLowerCase());
  const algorithms: readonly SignatureAlgorithm[] = options.algorithms.map((name) => algorithmNames[name]);
  const format = signatureKey(algorithms, options.keyForm);
  const secret: SecretFormat<KeyObject | "published"> = source ? publishedKeys : format;
  const signsPath = required.includes("(request-target)");
  return {
    name: "draft-cavage",
    secret,
    bodyBound: required.includes("digest"),
    signsUrl: signsPath && required.includes("host"),
    signsPath,
    proofHeaders: [header.toLowerCase(), ...required.filter((line) => !line.startsWith("(") && line !== "host")],
    proofParameters: [],
    isRemote: source !== undefined,
    toleranceSeconds: tolerance === "unchecked" ? undefined : tolerance.pastSeconds,

    verify(request: ReceiverRequest, keys: readonly (KeyObject | "published")[], context: VerifyContext) {
      const parameters = readParameters(request, header);
      if ("verified" in parameters) return parameters;
      const missing = required.find((line) => !parameters.lines.includes(line));
      if (missing !== undefined) return failed("signed_part_missing", `The signature does not cover ${missing}.`);
      const refusal = checkAlgorithm(parameters, options.algorithms) ?? checkTimes(request, parameters, tolerance, context);
      if (refusal) return refusal;
      const text = signingString(request, parameters);
      if (typeof text !== "string") return text;
      const bodyBound = parameters.lines.includes("digest");
      const changed = bodyBound ? checkDigest(request) : undefined;
      if (changed) return changed;
      const signature = decodeBase64(parameters.signature);
      if (!signature) return failed("signature_malformed", "The signature is not in base64.");
      const judge = (candidates: readonly KeyObject[]): Verification =>
        judgeSignature(candidates, algorithms, Buffer.from(text, "latin1"), signature, bodyBound);
      if (!source) return judge(keys.filter((key) => key !== "published"));
      return loadKey(source, parameters.keyId, context).then((key) => ("verified" in key ? key : judge([key])));
    },

    sign(request: ReceiverRequest, secretText: string, context: VerifyContext) {
      const headers: Record<string, string> = {
        ...(required.includes("date") ? { Date: writeTime(context.now, "http-date") } : {}),
        ...(required.includes("digest") ? { Digest: digestOf(request.body) } : {}),
      };
      const created = required.includes("(created)") ? writeTime(context.now, "seconds") : undefined;
      const text = signingString(withHeaders(request, headers), { lines: required, created, expires: undefined });
      if (typeof text !== "string") throw new TypeError(`sign: ${text.hint}`);
      const [name, algorithm] = [options.algorithms[0], algorithms[0]];
      if (algorithm === undefined) throw new TypeError("sign: there is no algorithm.");
      const signature = signWith(algorithm, secretText, Buffer.from(text, "latin1"), format).toString("base64");
      const times = created === undefined ? "" : `created=${created},`;
      const value = `keyId="${options.keyId ?? "key"}",algorithm="${name}",${times}headers="${required.join(" ")}",signature="${signature}"`;
      return { headers: { ...headers, [header]: isAuthorization(header) ? `Signature ${value}` : value } };
    },
  };
}

function readParameters(request: ReceiverRequest, header: string): SignatureParameters | FailedProof {
  const values = request.headers.all(header);
  const [value] = values;
  if (values.length > 1) return failed("signature_repeated", `The header ${header} occurs more than once.`);
  if (!value) return failed("signature_missing", `The header ${header} is missing.`);
  const text = isAuthorization(header) ? /^Signature +(.*)$/is.exec(value)?.[1] : value;
  const parameters = parseSignatureParameters(text ?? "");
  return parameters ?? failed("signature_malformed", `The header ${header} does not hold the parameters of a signature.`);
}

/** RSA and HMAC under their own names may not cover `(created)` or `(expires)`: the draft's section 2.3 forbids it. */
function checkAlgorithm({ algorithm, lines }: SignatureParameters, accepted: readonly string[]): FailedProof | undefined {
  if (algorithm === undefined || algorithm === "hs2019") return undefined;
  if (!accepted.includes(algorithm))
    return failed("signature_malformed", "The signature names an algorithm that the receiver does not take.");
  return /^(rsa|hmac)/.test(algorithm) && (lines.includes("(created)") || lines.includes("(expires)"))
    ? failed("signature_malformed", `A signature with ${algorithm} must not cover (created) or (expires).`)
    : undefined;
}

function checkTimes(
  request: ReceiverRequest,
  { lines, created, expires }: SignatureParameters,
  tolerance: Tolerance | "unchecked",
  context: VerifyContext,
): Verification | undefined {
  if (lines.includes("(expires)") && expires !== undefined) {
    if (!/^\d{1,12}$/.test(expires)) return failed("timestamp_malformed", "`expires` is not a whole number of Unix seconds.");
    if (context.now > Number(expires)) return failed("token_expired", "The signature says of itself that it has expired.");
  }
  if (tolerance === "unchecked") return undefined;
  const isCreated = lines.includes("(created)");
  if (!isCreated && !lines.includes("date")) return failed("signed_part_missing", "The signature covers neither (created) nor date.");
  const [time, unit]: [string | undefined, TimeUnit] = isCreated ? [created, "seconds"] : [request.headers.get("date"), "http-date"];
  if (!time) return failed("signed_part_missing", `The signed ${isCreated ? "created" : "header date"} is missing or repeated.`);
  return checkTimestamp(time, tolerance, context, unit);
}

function judgeSignature(
  keys: readonly KeyObject[],
  algorithms: readonly SignatureAlgorithm[],
  message: Buffer,
  signature: Buffer,
  bodyBound: boolean,
): Verification {
  const secretIndex = matchingKey(keys, (key) => algorithmsFor(key, algorithms).some((name) => isSigned(name, key, message, signature)));
  if (secretIndex >= 0) return { verified: true, secretIndex, bodyBound };
  return failed(
    "signature_mismatch",
    "The key does not match, or a covered part of the request (its URL, a header) was changed on its way.",
  );
}

function isAuthorization(header: string): boolean {
  return header.toLowerCase() === "authorization";
}
