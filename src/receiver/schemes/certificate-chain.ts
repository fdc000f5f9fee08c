import { X509Certificate } from "node:crypto";
// biome-ignore lint/style/noRestrictedImports: only its list of root certificates, which is data; no socket is opened.
import tls from "node:tls";
import { certificateDetails } from "./certificate-extensions.ts";
import { isStrongRsa } from "./signature-algorithms.ts";

/** More certificates than any provider sends. */
export const maxCertificates = 8;

/** A chain, or what is wrong with every chain that there could be. */
export type FoundChain = { readonly chain: readonly X509Certificate[] } | { readonly problem: string };

/**
 * Finds a chain from a certificate to one of the roots, through any of the intermediates, and checks every link at a time in
 * Unix seconds: signature, dates, key length, hash, and what authorities may issue. RFC 5280, section 6, but for policies,
 * name constraints and revocation: a critical extension about these is refused, and nothing is asked online.
 */
export function findChain(
  leaf: X509Certificate,
  { intermediates, roots, now }: { readonly intermediates: readonly X509Certificate[]; readonly roots: Roots; readonly now: number },
): FoundChain {
  const problem = faultOfLeaf(leaf, now);
  if (problem) return { problem };
  const search: Search = { intermediates: intermediates.slice(0, maxCertificates), roots, now, checksLeft: maxChecks };
  const chain = extend([leaf], search);
  return chain ? { chain } : { problem: "There is no valid chain from the certificate to a trusted root." };
}

/** What is wrong with a certificate by itself, whoever issued it. */
export function faultOfLeaf(leaf: X509Certificate, now: number): string | undefined {
  if (!isCurrent(leaf, now)) return "The certificate has expired, or is not valid yet.";
  if (!hasStrongKey(leaf)) return "The certificate's key is too short or of another kind.";
  if (leaf.ca) return "The certificate is an authority's, not a signer's.";
  const details = detailsOf(leaf);
  return details?.isUnderstood && details.maySign
    ? undefined
    : "The certificate is not for signing, or asks for a check that is not supported.";
}

/** Trusted certificates, by their subject. */
export type Roots = ReadonlyMap<string, readonly X509Certificate[]>;

/** @throws Error if one of the texts, PEM or base64 of DER, is not a certificate. */
export function rootsOf(certificates: readonly string[]): Roots {
  const roots = new Map<string, X509Certificate[]>();
  for (const text of certificates) {
    const root = certificateOf(text);
    roots.set(root.subject, [...(roots.get(root.subject) ?? []), root]);
  }
  return roots;
}

/** The root certificates that come with Node.js. */
export function systemRoots(): Roots {
  system ??= rootsOf(tls.rootCertificates);
  return system;
}

let system: Roots | undefined;

/** @throws Error if the text, PEM or base64 of DER, is not a certificate. */
export function certificateOf(text: string): X509Certificate {
  return new X509Certificate(text.startsWith("-----BEGIN") ? text : Buffer.from(text, "base64"));
}

/** What the certificate's extensions say; undefined if they cannot be read. */
export function detailsOf(certificate: X509Certificate): ReturnType<typeof certificateDetails> | undefined {
  try {
    return certificateDetails(certificate);
  } catch {
    return undefined;
  }
}

interface Search {
  readonly intermediates: readonly X509Certificate[];
  readonly roots: Roots;
  readonly now: number;
  checksLeft: number;
}

/** Certificates between leaf and root, both counted. */
const maxChainLength = 6;

/** Signatures that are looked at, since a stranger may send certificates that could issue each other in every order. */
const maxChecks = 24;

function extend(chain: readonly X509Certificate[], search: Search): readonly X509Certificate[] | undefined {
  const last = chain.at(-1);
  if (!last || chain.length === maxChainLength || !detailsOf(last)?.isStronglySigned) return undefined;
  for (const root of search.roots.get(last.issuer) ?? []) {
    if (mayIssue(root, chain, last, search)) return [...chain, root];
  }
  for (const issuer of search.intermediates) {
    if (chain.includes(issuer) || !mayIssue(issuer, chain, last, search)) continue;
    const found = extend([...chain, issuer], search);
    if (found) return found;
  }
  return undefined;
}

/** Whether an authority issued the last certificate of a chain and was allowed to. */
function mayIssue(issuer: X509Certificate, chain: readonly X509Certificate[], issued: X509Certificate, search: Search): boolean {
  if (!issued.checkIssued(issuer) || !issuer.ca || !isCurrent(issuer, search.now) || !hasStrongKey(issuer)) return false;
  const details = detailsOf(issuer);
  if (!details?.isUnderstood || chain.length - 1 > (details.pathLength ?? Number.POSITIVE_INFINITY)) return false;
  if (search.checksLeft-- <= 0) return false;
  return issued.verify(issuer.publicKey);
}

function isCurrent({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now * 1000 && now * 1000 <= validToDate.getTime();
}

function hasStrongKey({ publicKey }: X509Certificate): boolean {
  if (publicKey.asymmetricKeyType === "rsa") return isStrongRsa(publicKey);
  return /^(prime256v1|secp384r1|secp521r1)$/.test(publicKey.asymmetricKeyDetails?.namedCurve ?? "");
}
