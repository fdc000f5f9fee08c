import { createHash, timingSafeEqual } from "node:crypto";
import type { ReceiverRequest } from "../request.ts";
import { textSecret } from "../secret-format.ts";
import { failed, type Scheme, type Verification } from "../verification.ts";
import { matchingKey } from "./hmac.ts";

/** Where a shared token may stand. At least one place. */
export interface TokenOptions {
  /** A query parameter, such as `code`. It ends up in access logs of proxies: prefer a header where the provider can send one. */
  readonly parameter?: string;
  /** A header whose whole value is the token. */
  readonly header?: string;
}

/**
 * A shared token that is compared as it is. It proves that the sender knows the secret and says nothing about the body,
 * so `bodyBound` is false.
 */
export function token(options: TokenOptions): Scheme<Buffer> {
  const { parameter, header } = options;
  if (parameter === undefined && header === undefined) throw new TypeError("token: name a parameter, a header, or both.");
  const place = [header && `the header ${header}`, parameter && `the query parameter ${parameter}`].filter(Boolean).join(" or ");

  return {
    name: "token",
    secret: textSecret,
    bodyBound: false,
    proofIsSecret: true,
    signsUrl: false,
    proofHeaders: header === undefined ? [] : [header.toLowerCase()],
    proofParameters: parameter === undefined ? [] : [parameter],

    verify(request: ReceiverRequest, keys: readonly Buffer[]): Verification {
      const values = [
        ...(header === undefined ? [] : request.headers.all(header)),
        ...(parameter === undefined ? [] : request.query.getAll(parameter)),
      ].filter((value) => value !== "");
      if (values.length > 1) return failed("signature_repeated", `The token occurs more than once in ${place}.`);
      const [value] = values;
      if (value === undefined) return failed("signature_missing", `There is no token in ${place}.`);
      const given = sha256(value);
      const secretIndex = matchingKey(keys, (key) => timingSafeEqual(sha256(key), given));
      return secretIndex < 0
        ? failed("token_mismatch", `The token in ${place} is none of the configured secrets.`)
        : { verified: true, secretIndex };
    },

    sign(request: ReceiverRequest, secret: string) {
      if (header !== undefined) return { headers: { [header]: secret } };
      const separator = request.url.includes("?") ? "&" : "?";
      return { headers: {}, url: `${request.url}${separator}${parameter}=${encodeURIComponent(secret)}` };
    },
  };
}

/** Hashing both sides gives equal lengths, so that comparing tells nothing, not even how long the secret is. */
function sha256(text: string | Buffer): Buffer {
  return createHash("sha256").update(text).digest();
}
