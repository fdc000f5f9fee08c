import { defineReceiver, hmac, type VerifiedRequest, valuesAt } from "hookwright";

/** Acme signs the body and sends everything where one looks for it: data is enough. */
export const acme = defineReceiver({
  name: "acme",
  title: "Acme",
  docs: "https://acme.example/docs/webhooks",
  verify: hmac({ header: "X-Acme-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { header: "X-Acme-Event" },
  deliveryId: { header: "X-Acme-Delivery" },
});

/**
 * Tickets signs time and body with a base64 key, puts the event together from two members, and checks the URL with a
 * signed request of its own. What data cannot say is a function; the rest stays data.
 */
export const tickets = defineReceiver({
  name: "tickets",
  title: "Tickets",
  docs: "https://tickets.example/docs/webhooks",
  verify: hmac({
    header: "Tickets-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "s" },
    signed: "{timestamp}.{body}",
    key: "base64",
  }),
  secretBytes: { min: 32, max: 32 },
  events: ticketEvent,
  deliveryId: { body: "meta.delivery" },
  handshakes: [
    {
      proof: "scheme",
      method: "POST",
      answer: ({ request }) => (request.headers.get("Tickets-Probe") === "1" ? { status: 204, headers: {}, body: "" } : undefined),
    },
  ],
  safeHeaders: ["Tickets-Region"],
  respond: { status: 202 },
  sample: (event) => {
    const [object, verb] = event?.split(".") ?? [];
    return { body: { meta: { object, verb } } };
  },
});

function ticketEvent({ data }: VerifiedRequest): string | undefined {
  const [object] = valuesAt(data, "meta.object");
  const [verb] = valuesAt(data, "meta.verb");
  return typeof object === "string" && typeof verb === "string" ? `${object}.${verb}` : undefined;
}
