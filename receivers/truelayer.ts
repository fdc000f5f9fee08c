import {
  choiceSetting,
  type DetachedJwsOptions,
  defineReceiver,
  detachedJws,
  failed,
  pathOf,
  type ReceiverRequest,
  type Scheme,
  token,
} from "../src/receiver/index.ts";

const hosts = { live: "webhooks.truelayer.com", sandbox: "webhooks.truelayer-sandbox.com" };

/**
 * TrueLayer: ES512 in `Tl-Signature` over method, path, headers and body, by a key that TrueLayer publishes. A code of your own
 * in the URL, `?code=…`, says that it is your webhook. The event is the body's `type`.
 */
export const truelayer = defineReceiver({
  name: "truelayer",
  title: "TrueLayer",
  docs: "https://docs.truelayer.com/docs/verify-the-signature-of-a-payment-webhook",
  category: "payments and billing",
  confirmed: "library",
  setup: "Enter the URL with `?code=` and a random code as Webhook URI under Payments, Settings in the Console.",
  secretName: "the code in the URL; TrueLayer gives out no secret",
  eventNames: "The body's `type`, such as `payment_executed` or `payout_failed`.",
  notes: [
    "TrueLayer signs for every customer, and nothing in a webhook names you: without the code, another customer could have signed webhooks sent here.",
    "Sandbox webhooks are signed by a host of their own, which is believed only where `environment` is `sandbox`.",
    "The signature may cover the path with or without the query: which of them is not documented, and either is taken.",
    "`X-Tl-Webhook-Timestamp` must be signed; it is not held against the clock, since it is not documented whether a retry renews it.",
  ],
  settings: {
    environment: choiceSetting(["live", "sandbox"], { about: "Which of TrueLayer's environments signs.", default: "live" }),
  },
  verify: ({ environment }) => signedFor(hosts[environment]),
  events: { body: "type" },
  deliveryId: { body: "event_id" },
  sentAt: { from: { header: "X-Tl-Webhook-Timestamp" }, unit: "iso" },
});

function signedFor(host: string): Scheme<Buffer> {
  const code = token({ parameter: "code" });
  const [withQuery, withoutQuery] = [pathOf, pathnameOf].map((path) =>
    detachedJws({
      header: "Tl-Signature",
      keys: { hosts: [host], path: /\/\.well-known\/jwks/ },
      coversBody: true,
      coversPath: false,
      covers: ["x-tl-webhook-timestamp"],
      payload: (request, header) => payloadOf(request, header, path(request.url)),
    }),
  ) as [Scheme<"published">, Scheme<"published">];
  const { sign: _, ...facts } = withQuery;
  return {
    ...facts,
    secret: code.secret,
    proofIsSecret: true,
    proofParameters: code.proofParameters,
    async verify(request, keys, context) {
      const entitled = code.verify(request, keys, context);
      if (!entitled.verified) return entitled;
      const proof = await withoutQuery.verify(request, ["published"], context);
      const settled = proof.verified ? proof : await withQuery.verify(request, ["published"], context);
      return settled.verified ? { ...settled, secretIndex: entitled.secretIndex } : settled;
    },
  };
}

/** Version 2: method and path, the headers that `tl_headers` names, in its order and spelling, and the body. */
function payloadOf(
  request: ReceiverRequest,
  header: Readonly<Record<string, unknown>>,
  path: string,
): ReturnType<DetachedJwsOptions["payload"]> {
  const names = String(header["tl_headers"] ?? "").split(",");
  const values = names.map((name) => request.headers.get(name));
  if (header["tl_version"] !== "2" || names.length > 32) return failed("signature_malformed", "The JWS is not one of version 2.");
  if (values.some((value) => value === undefined || value === ""))
    return failed("signed_part_missing", "A header that is signed is missing or repeated.");
  if (!names.some((name) => name.toLowerCase() === "x-tl-webhook-timestamp"))
    return failed("signed_part_missing", "The signature does not cover the header X-Tl-Webhook-Timestamp.");
  return [`${request.method} ${path}\n`, ...names.map((name, index) => `${name}: ${values[index]}\n`), request.body];
}

function pathnameOf(url: string): string {
  return pathOf(url).replace(/\?.*/s, "");
}
