import type { ReceiverRequest } from "../request.ts";
import { failed, type LocalScheme } from "../verification.ts";
import { type HmacOptions, hmac } from "./hmac.ts";

/** One provider's use of HMAC with a hash that each request names, as data. */
export interface NamedHashOptions extends Omit<HmacOptions, "hash" | "header" | "from" | "signature"> {
  /** The header that carries the signature. */
  readonly header: string;
  /** The header that names the hash; or `prefix`, where the name stands before the signature, as in `sha256=…`. */
  readonly hashName: { readonly header: string } | "prefix";
  /** The names that are taken, and what they mean. The first is the one that `sign` writes. */
  readonly hashes: Readonly<Record<string, NonNullable<HmacOptions["hash"]>>>;
}

/**
 * HMAC with the hash that the request names. The name is the sender's word, so only those of the list are taken: a weak hash is left
 * out, or stands there by a setting.
 *
 * @throws TypeError if the list is empty.
 */
export function hmacNamedBy({ hashName, hashes, ...options }: NamedHashOptions): LocalScheme<Buffer> {
  const isPrefix = hashName === "prefix";
  const place = isPrefix ? options.header : hashName.header;
  const schemes = Object.entries(hashes).map(([name, hash]) => ({
    name,
    scheme: hmac({ ...options, hash, ...(isPrefix ? { signature: { form: "whole", prefix: name } } : {}) }),
  }));
  const [first] = schemes;
  if (!first) throw new TypeError("hmacNamedBy: the list of hashes is empty.");
  const sign = first.scheme.sign?.bind(first.scheme);

  const named = ({ headers }: ReceiverRequest): LocalScheme<Buffer> | undefined => {
    const value = headers.get(place) ?? "";
    return schemes.find(({ name }) => (isPrefix ? value.startsWith(name) : value === name))?.scheme;
  };

  return {
    ...first.scheme,
    proofHeaders: [...new Set([...first.scheme.proofHeaders, place.toLowerCase()])],

    verify(request, keys, context) {
      // Any of them says what is wrong with a signature that is missing or repeated.
      if (!request.headers.get(options.header)) return first.scheme.verify(request, keys, context);
      const accepted = schemes.map(({ name }) => name).join(", ");
      return (
        named(request)?.verify(request, keys, context) ??
        failed("signature_malformed", `The header ${place} does not name a hash that is accepted: ${accepted}.`)
      );
    },

    ...(sign && !isPrefix
      ? {
          sign(request, secret, context) {
            const signed = sign(request, secret, context);
            return { ...signed, headers: { ...signed.headers, [place]: first.name } };
          },
        }
      : {}),
  };
}
