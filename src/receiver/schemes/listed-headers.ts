import type { ReceiverRequest } from "../request.ts";
import { failed, type LocalScheme } from "../verification.ts";
import { hmac } from "./hmac.ts";
import type { SignedAlternatives } from "./signed-message.ts";

/**
 * HMAC-SHA256 in a header such as `t=…,h=…,v1=…`: `v1` covers time, the headers whose names `h` lists, and the body; `v0` time and
 * body. `v1` decides wherever it is present, and a `v0` beside it is never looked at. Requests of our own are signed with `v0`.
 */
export function listedHeaders({ header }: { readonly header: string }): LocalScheme<Buffer> {
  const bodyOnly = hmac({ header, signature: { form: "pairs", timestamp: "t", signature: "v0" }, signed: "{timestamp}.{body}" });
  const withHeaders = hmac({
    header,
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: { coversBody: true, coversUrl: false, read: (request, timestamp) => readListed(request, header, timestamp) },
  });
  return {
    ...bodyOnly,
    verify: (request, keys, context) => (pairsOf(request, header, "v1").length > 0 ? withHeaders : bodyOnly).verify(request, keys, context),
  };
}

/** Time, the names in `h`, the values of those headers, and the body. */
function readListed(request: ReceiverRequest, header: string, timestamp: string): SignedAlternatives {
  const [list = "", ...more] = pairsOf(request, header, "h");
  const names = list.toLowerCase().split(" ");
  if (list === "" || more.length > 0 || names.length > maxNames)
    return failed("signature_malformed", "`v1` goes with one list of header names in `h`.");
  const values = names.map((name) => request.headers.get(name));
  if (values.includes(undefined)) return failed("signed_part_missing", "A header that `h` lists is missing or repeated.");
  return { alternatives: [[`${timestamp}.${names.join(" ")}.${values.join(".")}.`, request.body]] };
}

function pairsOf(request: ReceiverRequest, header: string, key: string): readonly string[] {
  const pairs = (request.headers.get(header) ?? "").split(",").map((pair) => pair.split("=", 2).map((text) => text.trim()));
  return pairs.filter(([name]) => name === key).map(([, value = ""]) => value);
}

/** Far more than is ever signed; each is looked up. */
const maxNames = 32;
