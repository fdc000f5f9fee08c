import {
  defineReceiver,
  flagSetting,
  hmac,
  type LocalScheme,
  ReceiverRequest,
  textAt,
  unproven,
  type VerifiedRequest,
} from "../src/receiver/index.ts";

const header = "X-Mollie-Signature";

/**
 * Mollie: next-gen webhooks are signed with HMAC-SHA256 of the body. Classic ones (`id=tr_…`) prove nothing and are taken only
 * where the settings say so, with `?code=` in the URL. The event is the body's `type`, or the kind of the classic id, such as `tr`.
 */
export const mollie = defineReceiver({
  name: "mollie",
  title: "Mollie",
  docs: "https://docs.mollie.com/reference/webhooks-new",
  category: "payments and billing",
  confirmed: "library",
  setup: "Create a next-gen webhook under Developers, Webhooks, and keep its secret. Classic webhooks go to the `webhookUrl` of a payment.",
  secretName: "the webhook's signing secret; for classic webhooks a random code of your own, which stands in the URL as `?code=…`",
  eventNames: "The body's `type`, such as `payment-link.paid`; for classic webhooks what the id begins with: `tr` (payment), `ord`, `sub`.",
  notes: [
    "A classic webhook says only which object to fetch, and comes again with the same id whenever that object changes, so it has no delivery id.",
    "Use one URL for each kind. While a secret is rotated Mollie sends the signature header twice.",
  ],
  settings: { classic: flagSetting({ about: "Take classic webhooks, which are not signed, instead of next-gen ones." }) },
  verify: ({ classic }) => (classic ? unproven() : signed()),
  body: { kinds: ["json", "form"] },
  events: eventOf,
  deliveryId: ({ data }) => (textAt(data, "type") === undefined ? undefined : textAt(data, "id")),
  sentAt: { from: { body: "createdAt" }, unit: "iso" },
  timeLimitMs: 15_000,
  sample: (event, deliveryId) => ({ body: { id: deliveryId, ...(event === undefined ? {} : { type: event }) } }),
});

function signed(): LocalScheme<Buffer> {
  const scheme = hmac({ header, signature: { form: "list", prefix: "sha256=" } });
  return { ...scheme, verify: (request, keys, context) => scheme.verify(withOneLine(request), keys, context) };
}

/** Two different signatures, of the new secret and the old, as one list. The same one twice stays as it is, and is refused. */
function withOneLine(request: ReceiverRequest): ReceiverRequest {
  const lines = request.headers.all(header);
  if (lines.length !== 2 || lines[0] === lines[1] || lines.includes("")) return request;
  const { method, url, headers, body } = request;
  const others = headers.raw.flatMap((name, i) =>
    i % 2 === 0 && name.toLowerCase() !== header.toLowerCase() ? [name, headers.raw[i + 1] ?? ""] : [],
  );
  return new ReceiverRequest({ method, url, rawHeaders: [...others, header, lines.join(",")], body });
}

function eventOf({ data }: VerifiedRequest): string | undefined {
  return textAt(data, "type") ?? /^([a-z]+)_/.exec(textAt(data, "id") ?? "")?.[1];
}
