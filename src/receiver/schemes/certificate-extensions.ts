import type { X509Certificate } from "node:crypto";
import { derChildren, derTags, oidText, readDer } from "./der.ts";

/** What Node.js does not tell of a certificate. RFC 5280, section 4. */
export interface CertificateDetails {
  /** Object identifiers of all extensions. */
  readonly extensions: ReadonlySet<string>;
  /** Whether every extension that must be understood is. */
  readonly isUnderstood: boolean;
  /** How many further authorities may stand below this one; undefined where there is no limit. */
  readonly pathLength: number | undefined;
  /** Whether the key may sign messages. */
  readonly maySign: boolean;
  /** Whether the issuer signed it with a hash of the SHA-2 family. */
  readonly isStronglySigned: boolean;
}

/** @throws RangeError if the certificate is not in the form of RFC 5280. */
export function certificateDetails(certificate: X509Certificate): CertificateDetails {
  const [toBeSigned, algorithm] = derChildren(readDer(certificate.raw).content);
  if (!toBeSigned || !algorithm) throw new RangeError("A certificate has three parts.");
  const extensions = extensionsOf(toBeSigned.content);
  const usage = extensions.get(oids.keyUsage)?.value;
  return {
    extensions: new Set(extensions.keys()),
    isUnderstood: [...extensions].every(([oid, { isCritical }]) => !isCritical || understood.has(oid)),
    pathLength: pathLengthOf(extensions.get(oids.basicConstraints)?.value),
    maySign: usage === undefined || ((readDer(usage).content[1] ?? 0) & digitalSignature) !== 0,
    isStronglySigned: strongAlgorithms.has(oidText(readDer(algorithm.content).content)),
  };
}

interface Extension {
  readonly isCritical: boolean;
  readonly value: Buffer;
}

const oids = { keyUsage: "2.5.29.15", basicConstraints: "2.5.29.19" };

/** Key usage, alternative names, basic constraints, policies. Name constraints and extended key usage are refused where critical. */
const understood: ReadonlySet<string> = new Set([oids.keyUsage, "2.5.29.17", oids.basicConstraints, "2.5.29.32"]);

/** RSA with SHA-256, SHA-384 or SHA-512, ECDSA with the same. */
const strongAlgorithms: ReadonlySet<string> = new Set([
  "1.2.840.113549.1.1.11",
  "1.2.840.113549.1.1.12",
  "1.2.840.113549.1.1.13",
  "1.2.840.10045.4.3.2",
  "1.2.840.10045.4.3.3",
  "1.2.840.10045.4.3.4",
]);

/** The first bit of key usage. */
const digitalSignature = 0x80;

/** The tag of the part that holds the extensions: context 3, constructed. */
const extensionsTag = 0xa3;

function extensionsOf(toBeSigned: Buffer): ReadonlyMap<string, Extension> {
  const part = derChildren(toBeSigned).find(({ tag }) => tag === extensionsTag);
  const extensions = new Map<string, Extension>();
  for (const { content } of part ? derChildren(readDer(part.content).content) : []) {
    const [oid, ...rest] = derChildren(content);
    const value = rest.at(-1);
    const name = oidText(oid?.content ?? Buffer.alloc(0));
    if (value?.tag !== derTags.octetString || extensions.has(name))
      throw new RangeError("A certificate has an extension twice, or one without value.");
    extensions.set(name, { isCritical: rest.length > 1 && rest[0]?.content[0] !== 0, value: value.content });
  }
  return extensions;
}

function pathLengthOf(basicConstraints: Buffer | undefined): number | undefined {
  if (!basicConstraints) return undefined;
  const limit = derChildren(readDer(basicConstraints).content).find(({ tag }) => tag === derTags.integer);
  return limit && Number.parseInt(limit.content.toString("hex"), 16);
}
