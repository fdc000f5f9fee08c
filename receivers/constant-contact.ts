import { defineReceiver, failed, isSameText, jwt, type Scheme, unverifiedData, valuesAt } from "../src/receiver/index.ts";

const signed = jwt({
  header: "X-CTCT-WEBHOOK-SIG",
  detached: true,
  algorithms: ["RS256"],
  key: { jwks: "https://developer.constantcontact.com/.well-known/jwks.json" },
  check: (_claims, request, apiKey) => {
    const [named] = valuesAt(unverifiedData(request), "api_key");
    return typeof named === "string" && isSameText(apiKey, named)
      ? undefined
      : failed("claim_mismatch", "The body's `api_key` is not the configured one.");
  },
});

/** Signs a body that names the API key, which stands beside the private key. */
const sign: Scheme["sign"] = (request, secret, context) => {
  const { secret: apiKey } = JSON.parse(secret) as { readonly secret?: unknown };
  const body = Buffer.from(JSON.stringify({ ...JSON.parse(request.body.toString("utf8") || "{}"), api_key: apiKey }));
  const parts = signed.sign?.(request.with({ body }), secret, context);
  return { headers: {}, ...parts, body };
};

/**
 * Constant Contact, partner webhooks: an RS256 signature of the body, as a detached token, in `X-CTCT-WEBHOOK-SIG`. The body
 * must name your API key. The event is `event_type`.
 */
export const constantContact = defineReceiver({
  name: "constant-contact",
  title: "Constant Contact",
  docs: "https://developer.constantcontact.com/api_guide/partner_webhook_overview.html",
  category: "e-mail and marketing",
  confirmed: "documented",
  setup: "Subscribe the application to webhook topics with the partner API, naming this URL.",
  secretName: "the application's API key, which every body names",
  eventNames: "The body's `event_type`, such as `tier.increase` or `account.cancel`.",
  notes: [
    "The keys sign for every partner, and the topics' bodies name the application by `api_key`; a body without it is refused.",
    "The signed header `ts` is not read, and a delivery has no id: a recorded delivery can be sent again.",
    "The body is only a pointer: `url` is where the details are.",
    "Webhooks of the API's second version, with `x-ctct-hmac-sha256`, are refused.",
  ],
  verify: { ...signed, sign },
  events: { body: "event_type" },
});
