import {
  answerWhen,
  defineReceiver,
  fixedAnswer,
  flagSetting,
  hmac,
  payloadTypes,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/** Stripe: HMAC-SHA256 of time and body in `Stripe-Signature`. The secret `whsec_…` is the key as it stands, not decoded. */
export const stripe = defineReceiver({
  name: "stripe",
  title: "Stripe",
  docs: "https://docs.stripe.com/webhooks/signature",
  category: "payments and billing",
  confirmed: "library",
  setup: "In the Workbench under Webhooks, add an event destination with the URL, and reveal its signing secret.",
  secretName: "the endpoint's signing secret, `whsec_` included",
  eventNames: "The event's `type`, such as `invoice.paid` or `v1.billing.meter.error_report_triggered`.",
  notes: [
    "Events of connected accounts come to an endpoint of their own, with its own secret, and name the account.",
    "The dashboard's old test event, whose id is always `evt_00000000000000`, is answered and reaches no handler.",
    "Data is typed where `stripe` is installed.",
  ],
  settings: { passTestEvents: flagSetting({ about: "Whether handlers see the test event whose id is `evt_00000000000000`." }) },
  verify: hmac({
    header: "Stripe-Signature",
    signature: { form: "pairs", timestamp: "t", signature: "v1" },
    signed: "{timestamp}.{body}",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: createdAt, unit: "iso" },
  account: { firstOf: [{ body: "account" }, { body: "context" }] },
  handshakes: ({ passTestEvents }) => (passTestEvents ? [] : [answerWhen("id", "evt_00000000000000", () => fixedAnswer(200))]),
  payloads: payloadTypes<StripePayloads>(),
});

/** A number of seconds in events of the first version, ISO 8601 in those of the second. */
function createdAt({ data }: VerifiedRequest): string | undefined {
  const [created] = valuesAt(data, "created");
  if (typeof created === "string") return created;
  return Number.isInteger(created) && Math.abs(Number(created)) < 1e11 ? new Date(Number(created) * 1000).toISOString() : undefined;
}

/** What each event is. Empty unless `stripe` is installed. */
export interface StripePayloads extends ByType {}

// biome-ignore lint/suspicious/noTsIgnore: an expected error is one only where the package is not installed.
/** @ts-ignore The package is an optional peer. */
type StripeEvent = import("stripe").Stripe.Event;

/** A type of a package that is not installed has every member that there can be; it becomes one without any. */
type ByType = symbol extends keyof StripeEvent ? Record<never, never> : { [One in StripeEvent as One["type"]]: One };
