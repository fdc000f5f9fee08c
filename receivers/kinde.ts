import { defineReceiver, failed, jwt, jwtClaims, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

const published = jwt({
  from: "body",
  algorithms: ["RS256"],
  key: { jwks: (domain) => `${new URL(domain).origin}/.well-known/jwks.json` },
  check: ({ iss, type, event_id: eventId }, _request, domain) => {
    if (iss !== undefined && iss !== new URL(domain).origin) return failed("claim_mismatch", "The token's `iss` is another Kinde domain.");
    const isEvent = typeof type === "string" && typeof eventId === "string";
    return isEvent ? undefined : failed("claim_mismatch", "The token is none of a webhook: it lacks `type` or `event_id`.");
  },
});

/** Kinde: the body is an RS256 token, whose keys are at your own domain. Handlers see its claims; the event is the claim `type`. */
export const kinde = defineReceiver({
  name: "kinde",
  title: "Kinde",
  docs: "https://docs.kinde.com/integrate/webhooks/about-webhooks/",
  category: "identity and HR",
  confirmed: "library",
  setup: "Add a webhook with this URL under Settings, Webhooks, and choose its events.",
  secretName: "your Kinde domain, such as `https://acme.kinde.com`",
  eventNames: "The claim `type`, such as `user.created` or `organization.updated`.",
  notes: [
    "Keys are fetched from the configured domain alone, so only its tokens pass. `iss` is compared where there is one.",
    "The tokens have no expiry; leave deduplication on.",
    "The domain's other tokens are signed with the same keys: without `type` and `event_id` a token is refused.",
  ],
  verify: {
    ...published,
    secret: {
      ...published.secret,
      description: "an https URL",
      parse: (text) => (URL.parse(text)?.protocol === "https:" ? published.secret.parse(text) : undefined),
    },
  },
  secretBytes: { min: 12 },
  body: "any",
  data: ({ request }) => jwtClaims(request.body.toString("latin1")),
  events: ({ data }) => claimOf(data, "type"),
  deliveryId: ({ data }) => claimOf(data, "event_id"),
  sample: (event, deliveryId) => ({ body: { type: event, event_id: deliveryId } }),
});

function claimOf(data: VerifiedRequest["data"], name: string): string | undefined {
  const [claim] = valuesAt(data, name);
  return typeof claim === "string" ? claim : undefined;
}
