import { type KeyObject, X509Certificate } from "node:crypto";
import type { RemoteAnswer } from "../remote.ts";
import { type FailedProof, failed, type VerifyContext } from "../verification.ts";
import { type AllowedUrls, allowedUrl } from "./allowed-url.ts";
import { certificateOf, faultOfLeaf, findChain, maxCertificates, type Roots, rootsOf, systemRoots } from "./certificate-chain.ts";

/** Which certificates are believed, of those that a message may name. */
export interface CertificateRule {
  /** Where certificates may be loaded from. */
  readonly allowed: AllowedUrls;
  /**
   * A name that the certificate must be made out to, or several, any of which will do. Give it wherever roots of Node.js are
   * trusted: the certificate of every web site leads to them.
   */
  readonly subjectHost?: string | readonly string[];
  /**
   * Who must have issued it: a root that comes with Node.js (the default), or one of these roots. With `url-only` no chain is
   * looked at, for providers that serve their certificate without those of its issuers; then all rests on TLS to the
   * allowed host, so that whoever can put a file there, or bring another certificate for that host about, can sign.
   */
  readonly trust?: "system" | { readonly roots: readonly string[] } | "url-only";
  /** Certificates of issuers, PEM, for providers that do not serve them. */
  readonly intermediates?: readonly string[];
}

/**
 * The public key of the certificate at a URL, or why it is not believed.
 *
 * @throws WebhookError `keys_unavailable` where the certificate can neither be fetched nor served stale.
 */
export async function loadCertificateKey(url: string, rule: CertificateRule, context: VerifyContext): Promise<KeyObject | FailedProof> {
  const allowed = allowedUrl(url, rule.allowed);
  if (allowed === undefined) return failed("key_unknown", "The request names a certificate at a place where the provider keeps none.");
  if (!context.remote) return failed("verification_failed", "The provider's certificate is needed, and nothing was given to load it with.");
  const file = await context.remote.load({ url: allowed, cacheKey: `certificate ${allowed}`, parse: parseCertificates });
  const problem = faultOf(file, rule, context.now);
  return problem === undefined ? file.leaf.publicKey : failed("key_unknown", problem);
}

interface CertificateFile {
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
}

const maxBytes = 64 * 1024;

/** The certificates of a file in PEM, the signer's first. */
function parseCertificates({ body }: RemoteAnswer): CertificateFile {
  if (body.length > maxBytes) throw new RangeError(`A file of certificates has at most ${maxBytes} bytes.`);
  const texts = body.toString("latin1").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (texts.length > maxCertificates) throw new RangeError(`A file of certificates has at most ${maxCertificates}.`);
  const [leaf, ...intermediates] = texts.map((text) => new X509Certificate(text));
  if (!leaf) throw new TypeError("The file holds no certificate in PEM.");
  return { leaf, intermediates };
}

function faultOf({ leaf, intermediates }: CertificateFile, rule: CertificateRule, now: number): string | undefined {
  const { subjectHost, trust = "system" } = rule;
  const names = subjectHost === undefined ? [] : [subjectHost].flat();
  if (names.length > 0 && !names.some((name) => leaf.checkHost(name) !== undefined)) return "The certificate is made out to another name.";
  if (trust === "url-only") return faultOfLeaf(leaf, now);
  const { roots, extra } = issuersOf(rule);
  const found = findChain(leaf, { intermediates: [...intermediates, ...extra], roots, now });
  return "problem" in found ? found.problem : undefined;
}

interface Issuers {
  readonly roots: Roots;
  readonly extra: readonly X509Certificate[];
}

/** The issuers of a rule, parsed once. */
function issuersOf(rule: CertificateRule): Issuers {
  const known = parsed.get(rule);
  if (known) return known;
  const { trust = "system", intermediates = [] } = rule;
  const issuers = { roots: typeof trust === "object" ? rootsOf(trust.roots) : systemRoots(), extra: intermediates.map(certificateOf) };
  parsed.set(rule, issuers);
  return issuers;
}

const parsed = new WeakMap<CertificateRule, Issuers>();
