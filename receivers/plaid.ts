import { createHash, type KeyObject } from "node:crypto";
import { choiceSetting, defineReceiver, jwt, publicKeyOfJwk, type RemoteAnswer, type RemoteDocument } from "../src/receiver/index.ts";

/**
 * Plaid: an ES256 token in `Plaid-Verification` with its time and a hash of the body. Its key is asked of Plaid by id, with your
 * credentials. The event is `webhook_type` and `webhook_code`.
 */
export const plaid = defineReceiver({
  name: "plaid",
  title: "Plaid",
  docs: "https://plaid.com/docs/api/webhooks/webhook-verification/",
  category: "payments and billing",
  confirmed: "documented",
  setup: "Give this URL as `webhook` when a link token is created; client id and secret are under Developers, Keys in the dashboard.",
  secretName: "your credentials, `<client id>:<secret>`; they go to Plaid alone, to ask for keys",
  eventNames: "`webhook_type` and `webhook_code`, such as `TRANSACTIONS.SYNC_UPDATES_AVAILABLE` or `ITEM.ERROR`.",
  notes: [
    "Plaid does not say whether a key signs for one client alone: look `item_id` up among your own before you act.",
    "While Plaid refuses the credentials or does not know the key's id, deliveries are answered 503 and come again.",
    "A delivery has no id, so a redelivery is not recognized.",
  ],
  settings: {
    environment: choiceSetting(["production", "sandbox"], {
      about: "Plaid's environment, to which the credentials belong.",
      default: "production",
    }),
  },
  verify: ({ environment }) => {
    const scheme = jwt({
      header: "Plaid-Verification",
      algorithms: ["ES256"],
      key: { keyById: (keyId, credentials) => keyDocument(`https://${environment}.plaid.com`, keyId, credentials) },
      maxAgeSeconds: 300,
      bodyHash: { claim: "request_body_sha256" },
    });
    const { secret } = scheme;
    const parse: typeof secret.parse = (text) => (/^[^\s:]+:[^\s:]+$/.test(text) ? secret.parse(text) : undefined);
    return { ...scheme, secret: { ...secret, description: "`<client id>:<secret>`", parse } };
  },
  events: { joined: [{ body: "webhook_type" }, { body: "webhook_code" }] },
  account: { body: "item_id" },
});

/** The key with an id, cached by the credentials that may see it. */
function keyDocument(origin: string, keyId: string, credentials: string): RemoteDocument<KeyObject | undefined> {
  const [clientId, secret] = credentials.split(":");
  const owner = createHash("sha256").update(credentials).digest("hex").slice(0, 32);
  return {
    url: `${origin}/webhook_verification_key/get`,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_id: clientId, secret, key_id: keyId }),
    cacheKey: `${origin} ${keyId} ${owner}`,
    parse: readKey,
  };
}

/** A key that Plaid has retired verifies nothing more. */
function readKey({ body }: RemoteAnswer): KeyObject | undefined {
  const { key } = JSON.parse(body.toString("utf8")) as { readonly key?: { readonly expired_at?: unknown } };
  if (typeof key !== "object" || key === null) throw new TypeError("Expected an answer with a key.");
  return (key.expired_at ?? null) === null ? publicKeyOfJwk(key) : undefined;
}
