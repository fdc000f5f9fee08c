import { decodeBase64 } from "../encoding.ts";
import { isSameText } from "../equal.ts";
import type { ReceiverRequest } from "../request.ts";
import type { SecretFormat } from "../secret-format.ts";
import { failed, type LocalScheme, type Verification } from "../verification.ts";
import { matchingKey } from "./hmac.ts";

/**
 * HTTP basic credentials, configured as `user:password`. They prove that the sender knows them and say nothing about the
 * body. RFC 7617.
 */
export function basic(): LocalScheme<Buffer> {
  return {
    name: "basic",
    secret: credentials,
    bodyBound: false,
    proofIsSecret: true,
    signsUrl: false,
    proofHeaders: ["authorization"],
    proofParameters: [],

    verify(request: ReceiverRequest, keys: readonly Buffer[]): Verification {
      const values = request.headers.all("Authorization");
      if (values.length > 1) return failed("signature_repeated", "The header Authorization occurs more than once.");
      const [value = ""] = values;
      if (value === "")
        return failed("signature_missing", "There is no header Authorization. Are user and password entered at the provider?");
      const given = decodeBase64(/^basic +([^ ]+)$/i.exec(value)?.[1] ?? " ");
      if (!given) return failed("signature_malformed", "The header Authorization does not hold basic credentials.");
      const secretIndex = matchingKey(keys, (key) => isSameText(key, given));
      return secretIndex < 0
        ? failed("token_mismatch", "User and password are none of the configured ones.")
        : { verified: true, secretIndex };
    },

    sign: (_request: ReceiverRequest, secret: string) => ({
      headers: { Authorization: `Basic ${Buffer.from(secret, "utf8").toString("base64")}` },
    }),
  };
}

const credentials: SecretFormat<Buffer> = {
  description: "user and password with a colon between them",
  parse: (text) => (/^[^:]*:.+$/s.test(text) ? Buffer.from(text, "utf8") : undefined),
  byteLength: (text) => Buffer.byteLength(text, "utf8"),
};
