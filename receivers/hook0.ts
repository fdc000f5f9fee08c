import { defineReceiver, failed, hmac, type LocalScheme, type ReceiverRequest, type SignedAlternatives } from "../src/receiver/index.ts";

const header = "X-Hook0-Signature";

/**
 * Hook0, the open-source sender: HMAC-SHA256 in `X-Hook0-Signature`, of time, listed headers and body (`v1`) or of time and
 * body (`v0`). The event is `X-Event-Type`.
 */
export const hook0 = defineReceiver({
  name: "hook0",
  title: "Hook0",
  docs: "https://documentation.hook0.com/tutorials/webhook-authentication",
  category: "standards",
  confirmed: "library",
  setup: "Create a subscription with the URL in the sender's Hook0; its secret is shown with it.",
  secretName: "the subscription's secret, a UUID used as text",
  eventNames: "`X-Event-Type`, as the sender names it: `billing.invoice.paid`.",
  notes: [
    "Event type and id are signed only where `v1` lists their headers in `h`; with `v0` only time and body are.",
    "A proxy that rewrites a header listed in `h` makes `v1` fail, and a failed `v1` is never made good by `v0`.",
  ],
  verify: strongest(),
  body: { kinds: ["json", "text"] },
  events: { header: "X-Event-Type" },
  deliveryId: { header: "X-Event-Id" },
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
