import type { ReceiverRequest } from "../request.ts";
import type { SecretFormat } from "../secret-format.ts";
import { failed, type LocalScheme, type VerifyContext } from "../verification.ts";
import { headersAmong, nameOfPlace, type Place, parametersAmong, readPlace, type WrittenParts, writePlace } from "./place.ts";

/** A key and the name that requests call it by. */
export interface NamedKey<Key> {
  readonly keyName: string;
  readonly key: Key;
}

/** Where a request names its key, and how the two are configured together. */
export interface NamedKeyOptions {
  readonly from: Place;
  /** What is configured, as a person would say it. Default `` `<key id>:<secret>` ``. */
  readonly description?: string;
  /** The form of a name. Default: anything without colon and blanks. */
  readonly keyName?: RegExp;
  /** What stands between name and secret, in a character class. Default a colon. */
  readonly separators?: string;
}

/**
 * A scheme whose key the request names, configured as `<key id>:<secret>`: only keys of that name are tried, since the secret of one
 * application proves nothing for another.
 */
export function namedKey<Key>(scheme: LocalScheme<Key>, options: NamedKeyOptions): LocalScheme<NamedKey<Key>> {
  const { from, separators = ":" } = options;
  const secret = namedSecret(scheme.secret, options);
  const sign = scheme.sign?.bind(scheme);
  return {
    ...scheme,
    secret,
    proofHeaders: [...scheme.proofHeaders, ...headersAmong([from])],
    proofParameters: [...scheme.proofParameters, ...parametersAmong([from])],
    verify(request: ReceiverRequest, keys: readonly NamedKey<Key>[], context: VerifyContext) {
      const names = readPlace(request, from);
      const positions = keys.flatMap(({ keyName }, position) => (names.length === 1 && keyName === names[0] ? [position] : []));
      const candidates = positions.flatMap((position) => keys[position]?.key ?? []) as readonly Key[];
      const found = scheme.verify(request, candidates, context);
      if (found.verified) return { ...found, secretIndex: positions[found.secretIndex] ?? -1 };
      if (found.code !== "signature_mismatch" || positions.length > 0) return found;
      return names.length === 1
        ? failed("key_unknown", `No configured key has the name that ${nameOfPlace(from)} gives.`)
        : failed("signed_part_missing", `The name of the key in ${nameOfPlace(from)} is missing or repeated.`);
    },
    ...(sign
      ? {
          sign(request: ReceiverRequest, text: string, context: VerifyContext) {
            const [, keyName = "", rest = ""] = splitAt(separators).exec(text) ?? [];
            if (secret.parse(text) === undefined) throw new TypeError(`sign: the secret is not ${secret.description}.`);
            const signed = sign(request, rest, context);
            const parts: WrittenParts = { headers: { ...signed.headers }, url: signed.url ?? request.url, fields: {} };
            writePlace(parts, from, keyName);
            return { ...signed, headers: parts.headers, ...(parts.url === request.url ? {} : { url: parts.url }) };
          },
        }
      : {}),
  };
}

function namedSecret<Key>(
  inner: SecretFormat<Key>,
  { description = "`<key id>:<secret>`", keyName: form = /^[^:\s]+$/, separators = ":" }: NamedKeyOptions,
): SecretFormat<NamedKey<Key>> {
  const split = splitAt(separators);
  const parse = (text: string): NamedKey<Key> | undefined => {
    const [, keyName = "", rest = ""] = split.exec(text) ?? [];
    const key = form.test(keyName) && rest !== "" ? inner.parse(rest) : undefined;
    return key === undefined ? undefined : { keyName, key };
  };
  return { description, parse, byteLength: (text) => (parse(text) ? inner.byteLength(split.exec(text)?.[2] ?? "") : 0) };
}

function splitAt(separators: string): RegExp {
  return new RegExp(`^([^${separators}]+)[${separators}](.+)$`, "s");
}
