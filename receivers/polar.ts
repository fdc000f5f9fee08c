import { defineReceiver, type LocalScheme, type StandardWebhooksKey, standardWebhooks, textSecret } from "../src/receiver/index.ts";

/**
 * Polar: Standard Webhooks. A secret of before 8 September 2026 is the key as it stands, whatever it begins with; a newer
 * `whsec_` one is base64, as in the standard. The event is the body's `type`.
 */
export const polar = defineReceiver({
  name: "polar",
  title: "Polar",
  docs: "https://polar.sh/docs/integrate/webhooks/delivery",
  category: "payments and billing",
  confirmed: "library",
  setup: "In the organization's settings, Webhooks, add an endpoint with the URL; its secret is generated or entered there.",
  secretName: "the endpoint's secret",
  eventNames: "The body's `type`, such as `order.paid` or `subscription.updated`.",
  notes: ["A `whsec_` secret may be of either kind, so both keys that it can mean are tried."],
  verify: eitherKey(),
  events: { body: "type" },
  deliveryId: { header: "webhook-id" },
  sentAt: { from: { body: "timestamp" }, unit: "iso" },
  timeLimitMs: 10_000,
});

/** Each secret as its text and, after `whsec_`, as base64. Requests of our own are signed with the text. */
function eitherKey(): LocalScheme<readonly StandardWebhooksKey[]> {
  const asText = standardWebhooks({ secret: textSecret });
  const decoded = standardWebhooks().secret;
  return {
    ...asText,
    secret: {
      description: "text, used as it is, or base64 after `whsec_`",
      parse(text) {
        const keys = [asText.secret.parse(text), text.startsWith("whsec_") ? decoded.parse(text) : undefined];
        const known = keys.filter((key) => key !== undefined);
        return known.length === 0 ? undefined : known;
      },
      byteLength: (text) => asText.secret.byteLength(text),
    },
    verify(request, keys, context) {
      const owners = keys.flatMap((both, index) => both.map(() => index));
      const found = asText.verify(request, keys.flat(), context);
      return found.verified ? { ...found, secretIndex: owners[found.secretIndex] ?? -1 } : found;
    },
  };
}
