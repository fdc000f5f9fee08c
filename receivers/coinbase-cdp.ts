import { defineReceiver, failed, hmac, type LocalScheme, type ReceiverRequest, type SignedAlternatives } from "../src/receiver/index.ts";

const header = "X-Hook0-Signature";

/**
 * Coinbase Developer Platform: HMAC-SHA256 in `X-Hook0-Signature`, of time, listed headers and body (`v1`) or of time and body
 * (`v0`). The event is the body's `eventType`.
 */
export const coinbaseCdp = defineReceiver({
  name: "coinbase-cdp",
  title: "Coinbase CDP webhooks",
  docs: "https://docs.cdp.coinbase.com/webhooks/verify-signatures",
  category: "crypto",
  confirmed: "library",
  setup: "Create the subscription with the CDP API; `metadata.secret` of the answer is the secret.",
  secretName: "the subscription's secret",
  eventNames: "The body's `eventType`, such as `onchain.activity.detected`.",
  notes: [
    "Only time and body are signed where `v1` is absent. A failed `v1` is never made good by `v0`: a proxy must not rewrite a header listed in `h`.",
    "An id of the delivery is not documented, so none is read.",
  ],
  verify: strongest(),
  events: { body: "eventType" },
});

/** `v1` decides wherever it is present; a `v0` beside it is never looked at. Requests of our own are signed with `v0`. */
function strongest(): LocalScheme<Buffer> {
  const bodyOnly = hmac({ header, signature: { form: "pairs", timestamp: "t", signature: "v0" }, signed: "{timestamp}.{body}" });
  const withHeaders = hmac({
    header,
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: { coversBody: true, coversUrl: false, read: withListedHeaders },
  });
  return {
    ...bodyOnly,
    verify: (request, keys, context) => (valuesOf(request, "v1").length > 0 ? withHeaders : bodyOnly).verify(request, keys, context),
  };
}

/** Time, the names in `h`, the values of those headers, and the body. */
function withListedHeaders(request: ReceiverRequest, timestamp: string): SignedAlternatives {
  const [list = "", ...more] = valuesOf(request, "h");
  const names = list.toLowerCase().split(" ");
  if (list === "" || more.length > 0 || names.length > maxNames)
    return failed("signature_malformed", "`v1` goes with one list of header names in `h`.");
  const values = names.map((name) => request.headers.get(name));
  if (values.includes(undefined)) return failed("signed_part_missing", "A header that `h` lists is missing or repeated.");
  return { alternatives: [[`${timestamp}.${names.join(" ")}.${values.join(".")}.`, request.body]] };
}

function valuesOf(request: ReceiverRequest, key: string): readonly string[] {
  const pairs = (request.headers.get(header) ?? "").split(",").map((pair) => pair.split("=", 2).map((text) => text.trim()));
  return pairs.filter(([name]) => name === key).map(([, value = ""]) => value);
}

/** Far more than is ever signed; each is looked up. */
const maxNames = 32;
