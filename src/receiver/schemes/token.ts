import { isSameText } from "../equal.ts";
import type { ReceiverRequest } from "../request.ts";
import { textSecret } from "../secret-format.ts";
import { valuesAt } from "../source.ts";
import { unverifiedData } from "../unverified-body.ts";
import { failed, type LocalScheme, type Verification } from "../verification.ts";
import { matchingKey } from "./hmac.ts";
import { headersAmong, nameOfPlace, type Place, parametersAmong, readPlace, type WrittenParts, writePlace } from "./place.ts";
import { withFields } from "./with-fields.ts";

/** Where a shared token may stand. At least one place. */
export interface TokenOptions {
  /** A header whose value is the token. */
  readonly header?: string;
  /** What stands before the token in the header, such as `Bearer `. A header without it has no token. */
  readonly prefix?: string;
  /** A query parameter, such as `code`. It ends up in access logs of proxies: prefer a header where the provider can send one. */
  readonly parameter?: string;
  /** A path in the body. With `*`, every item must carry the token. */
  readonly field?: string;
  /** What is compared, where it is not the secret itself: its hash, say. */
  readonly expected?: (secret: Buffer) => string | Buffer;
}

/**
 * A shared token that is compared as it is. It proves that the sender knows the secret and says nothing about the body,
 * so `bodyBound` is false.
 */
export function token(options: TokenOptions): LocalScheme<Buffer> {
  const { prefix = "", expected = (secret) => secret } = options;
  const places = placesOf(options);
  const [first] = places;
  if (first === undefined) throw new TypeError("token: name a header, a parameter, a field, or several.");
  const names = places.map(nameOfPlace).join(" or ");

  return {
    name: "token",
    secret: textSecret,
    bodyBound: false,
    proofIsSecret: true,
    signsUrl: false,
    proofHeaders: headersAmong(places),
    proofParameters: parametersAmong(places),

    verify(request: ReceiverRequest, keys: readonly Buffer[]): Verification {
      const found = places.map((place) => ({ place, values: readPlace(request, place) })).filter(({ values }) => values.length > 0);
      const [only] = found;
      if (only === undefined) return failed("signature_missing", `There is no token in ${names}.`);
      const isList = "body" in only.place && only.place.body.includes("*");
      if (isList && only.values.length < countItems(request, only.place))
        return failed("signature_missing", `An item has no token in ${names}.`);
      if (found.length > 1 || (only.values.length > 1 && !isList))
        return failed("signature_repeated", `The token occurs more than once in ${names}.`);
      const tokens = only.values.map((value) => unprefixed(value, "header" in only.place ? prefix : ""));
      if (tokens.includes(undefined)) return failed("signature_malformed", `The token in ${names} does not begin with ${prefix.trim()}.`);
      const secretIndex = matchingKey(keys, (key) => {
        const wanted = expected(key);
        return tokens.filter((value) => !isSameText(wanted, value)).length === 0;
      });
      return secretIndex < 0
        ? failed("token_mismatch", `The token in ${names} is none of the configured secrets.`)
        : { verified: true, secretIndex };
    },

    sign(request: ReceiverRequest, secret: string) {
      const parts: WrittenParts = { headers: {}, url: request.url, fields: {} };
      writePlace(parts, first, ("header" in first ? prefix : "") + String(expected(Buffer.from(secret))));
      return {
        headers: parts.headers,
        ...(parts.url === request.url ? {} : { url: parts.url }),
        ...("body" in first ? { body: withFields(request, parts.fields) } : {}),
      };
    },
  };
}

function placesOf({ header, parameter, field }: TokenOptions): readonly Place[] {
  return [
    ...(header === undefined ? [] : [{ header }]),
    ...(parameter === undefined ? [] : [{ query: parameter }]),
    ...(field === undefined ? [] : [{ body: field }]),
  ];
}

/** How many items the innermost list of a path has. */
function countItems(request: ReceiverRequest, place: Place): number {
  const path = "body" in place ? place.body : "";
  return valuesAt(unverifiedData(request), path.slice(0, path.lastIndexOf("*") + 1)).length;
}

/** The token behind its prefix, whose case does not matter: the names of authentication schemes have none. RFC 9110, section 11.1. */
function unprefixed(value: string, prefix: string): string | undefined {
  return value.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase() ? value.slice(prefix.length) : undefined;
}
