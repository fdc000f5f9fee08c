import { choiceSetting, defineReceiver, echoHeader, hmac, jwt, type VerifiedRequest, valuesAt } from "hookwright";

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

/**
 * Parcels signs with keys that it publishes, for all its customers. What is configured under `secrets` is then no secret but what
 * ties a token to this account, its audience; and which region's keys count is a setting.
 */
export const parcels = defineReceiver({
  name: "parcels",
  title: "Parcels",
  docs: "https://parcels.example/docs/webhooks",
  setup: "Enter the URL under Account, Webhooks; the audience stands beside it.",
  secretName: "the account's audience, such as acct_123",
  secretBytes: { min: 6 },
  settings: { region: choiceSetting(["eu", "us"], { about: "The region of the account.", default: "eu" }) },
  verify: ({ region }) =>
    jwt({
      header: "Parcels-Token",
      algorithms: ["ES256"],
      key: { jwks: `https://keys.parcels.example/${region}.json` },
      binds: { claim: "aud" },
      bodyHash: { claim: "body_sha256" },
      maxAgeSeconds: 300,
    }),
  events: { joined: [{ body: "object" }, { body: "action" }] },
  deliveryId: { body: "id" },
  account: { body: "account" },
  sentAt: { from: { body: "sent_at" }, unit: "iso" },
  handshakes: [echoHeader("Parcels-Check")],
  timeLimitMs: 5_000,
});
