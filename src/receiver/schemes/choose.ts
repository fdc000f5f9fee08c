import type { ReceiverRequest } from "../request.ts";
import type { SecretFormat } from "../secret-format.ts";
import { failed, type Scheme, type VerifyContext } from "../verification.ts";
import { type Place, readPlace } from "./place.ts";

// biome-ignore lint/suspicious/noExplicitAny: a scheme's key is its own affair.
type AnyScheme = Scheme<any>;

/** A scheme, and what shows that a request uses it. */
export interface VersionedScheme<Key> {
  readonly when: Place;
  readonly scheme: Scheme<Key>;
}

/**
 * Versions of one provider's proof, strongest first. The first whose place is filled decides, so that a weaker one beside
 * it is never looked at: a wrong new signature cannot be made good by an old one. All take the same keys.
 */
export function strongestOf<Key>(versions: readonly [VersionedScheme<Key>, ...VersionedScheme<Key>[]]): Scheme<Key> {
  const [strongest] = versions;
  const schemes = versions.map(({ scheme }) => scheme);
  const sign = strongest.scheme.sign?.bind(strongest.scheme);
  return {
    ...commonFacts(strongest.scheme, schemes),
    secret: strongest.scheme.secret,
    verify(request: ReceiverRequest, keys: readonly Key[], context: VerifyContext) {
      const version = versions.find(({ when }) => readPlace(request, when).length > 0);
      const { scheme } = version ?? strongest;
      return withOwnBodyBound(scheme, scheme.verify(request, keys, context));
    },
    ...(sign ? { sign } : {}),
  };
}

/** A key, and the scheme that it is for. */
export interface ChosenKey {
  readonly scheme: number;
  readonly key: unknown;
}

/**
 * Schemes that are told apart by the form of the secret, strongest first: a provider offers a signing key today and offered
 * a token before. As long as a key of the stronger scheme is configured, only that scheme is asked.
 */
export function chosenBySecret(schemes: readonly [AnyScheme, ...AnyScheme[]]): Scheme<ChosenKey> {
  const [strongest] = schemes;
  const schemeOf = (secret: string): number => schemes.findIndex((scheme) => scheme.secret.parse(secret) !== undefined);
  const secret: SecretFormat<ChosenKey> = {
    description: schemes.map((scheme) => scheme.secret.description).join("; or "),
    parse: (text) => {
      const scheme = schemeOf(text);
      const key: unknown = schemes[scheme]?.secret.parse(text);
      return key === undefined ? undefined : { scheme, key };
    },
    byteLength: (text) => schemes[schemeOf(text)]?.secret.byteLength(text) ?? 0,
  };
  return {
    ...commonFacts(strongest, schemes),
    secret,
    verify(request: ReceiverRequest, keys: readonly ChosenKey[], context: VerifyContext) {
      const index = Math.min(...keys.map(({ scheme }) => scheme));
      const scheme = schemes[index];
      if (!scheme) return failed("verification_failed", "There is no secret to verify with.");
      const positions = keys.flatMap((key, position) => (key.scheme === index ? [position] : []));
      const found = scheme.verify(
        request,
        positions.map((position) => keys[position]?.key),
        context,
      );
      return withOwnBodyBound(scheme, found, positions);
    },
    sign(request: ReceiverRequest, secretText: string, context: VerifyContext) {
      const scheme = schemes[schemeOf(secretText)];
      if (!scheme?.sign) throw new TypeError(`sign: the secret is not ${secret.description}.`);
      return scheme.sign(request, secretText, context);
    },
  };
}

type Found = ReturnType<AnyScheme["verify"]>;

/** What was found, with the truth about the body of the scheme that found it, and positions in the whole list of keys. */
function withOwnBodyBound(scheme: AnyScheme, found: Found, positions?: readonly number[]): Found {
  if (found instanceof Promise) return found.then((settled) => withOwnBodyBound(scheme, settled, positions));
  if (!found.verified) return found;
  const secretIndex = positions?.[found.secretIndex] ?? found.secretIndex;
  return { ...found, secretIndex, bodyBound: found.bodyBound ?? scheme.bodyBound };
}

/** Facts that hold whichever scheme decides: what one covers, all must, and what one hides, all hide. */
function commonFacts(strongest: AnyScheme, schemes: readonly AnyScheme[]) {
  const tolerances = schemes.map((scheme) => scheme.toleranceSeconds).filter((seconds) => seconds !== undefined);
  return {
    name: strongest.name,
    bodyBound: schemes.every((scheme) => scheme.bodyBound),
    signsUrl: schemes.some((scheme) => scheme.signsUrl),
    proofIsSecret: schemes.some((scheme) => scheme.proofIsSecret === true),
    isRemote: schemes.some((scheme) => scheme.isRemote === true),
    proofHeaders: [...new Set(schemes.flatMap((scheme) => scheme.proofHeaders))],
    proofParameters: [...new Set(schemes.flatMap((scheme) => scheme.proofParameters))],
    toleranceSeconds: tolerances.length === 0 ? undefined : Math.max(...tolerances),
  };
}
