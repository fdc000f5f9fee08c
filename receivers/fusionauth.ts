import { choiceSetting, defineReceiver, jwt } from "../src/receiver/index.ts";

const token = { header: "X-FusionAuth-Signature-JWT", bodyHash: { claim: "request_body_sha256", encoding: "base64" } } as const;
const asymmetric = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] as const;

/**
 * FusionAuth: a token in `X-FusionAuth-Signature-JWT` with a hash of the body, signed with a key of your choice: an HMAC key, or,
 * by setting, one with a public half. The event is `event.type`.
 */
export const fusionauth = defineReceiver({
  name: "fusionauth",
  title: "FusionAuth",
  docs: "https://fusionauth.io/docs/extend/events-and-webhooks/signing",
  category: "identity and HR",
  confirmed: "documented",
  setup: "In the webhook's Security tab, sign the events and choose a key from the Key Master. That key is what is configured here.",
  secretName: "the signing key: an HMAC key's secret; by setting, a public key as PEM, or the https URL of a key set",
  eventNames: "`event.type`, such as `user.create` or `user.login.success`.",
  notes: ["Unsigned webhooks are refused. The tokens carry no expiry; leave deduplication on."],
  settings: {
    keyKind: choiceSetting(["hmac", "public-key", "key-set"], {
      about: "What is configured: an HMAC key's secret, a public key, or the URL of your FusionAuth's key set.",
      default: "hmac",
    }),
  },
  verify: ({ keyKind }) => {
    if (keyKind === "hmac") return jwt({ ...token, algorithms: ["HS256", "HS384", "HS512"], key: "secret" });
    return keyKind === "public-key" ? jwt({ ...token, algorithms: asymmetric, key: "publicKey" }) : atKeySet();
  },
  events: { body: "event.type" },
  deliveryId: { body: "event.id" },
  sentAt: { from: { body: "event.createInstant" }, unit: "milliseconds" },
  account: { body: "event.tenantId" },
});

/** Keys of your own FusionAuth: the configured URL is what ties the token to it. */
function atKeySet() {
  const scheme = jwt({ ...token, algorithms: asymmetric, key: { jwks: (url) => url } });
  const { secret } = scheme;
  const parse: typeof secret.parse = (text) => (URL.parse(text)?.protocol === "https:" ? secret.parse(text) : undefined);
  return { ...scheme, secret: { ...secret, description: "the https URL of a key set", parse } };
}
