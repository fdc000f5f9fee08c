import { createHash } from "node:crypto";
import { stringify } from "node:querystring";
import {
  choiceSetting,
  defineReceiver,
  failed,
  hmac,
  jwt,
  type ReceiverRequest,
  type Scheme,
  type SignedAlternatives,
  standardWebhooks,
} from "../src/receiver/index.ts";

const token = jwt({
  header: "MessageBird-Signature-JWT",
  algorithms: ["HS256", "HS384", "HS512"],
  key: "secret",
  issuer: "MessageBird",
  urlClaim: { claim: "url_hash" },
  bodyHash: { claim: "payload_hash", isOptionalForEmpty: true },
  requireExpiry: true,
  clockSkewSeconds: 5,
  check: ({ jti }) => (typeof jti === "string" && jti !== "" ? undefined : failed("claim_mismatch", "The token has no `jti`.")),
  claimsToSign: ({ url, body }) => ({ jti: createHash("sha256").update(url).update(body).digest("hex") }),
});

/** `MessageBird-Signature`, which holds for less than 100 seconds. */
const legacy = hmac({
  header: "MessageBird-Signature",
  encoding: "base64",
  timestampHeader: "MessageBird-Request-Timestamp",
  tolerance: { pastSeconds: 99, futureSeconds: 60 },
  signed: { coversBody: true, coversUrl: false, read: signedLines },
});

/**
 * MessageBird, now Bird: a token in `MessageBird-Signature-JWT` with hashes of URL and body. By setting, the older signature, or
 * Standard Webhooks as Bird's newer products use. The event is the body's `type`, or a message's `status`.
 */
export const messagebird = defineReceiver({
  name: "messagebird",
  title: "MessageBird",
  docs: "https://developers.messagebird.com/api/#verifying-http-requests",
  category: "messaging and voice",
  confirmed: ["library", "vector"],
  setup: "Enter this URL with the webhook or the number's flow; the signing key is in the dashboard under Developers, API settings.",
  secretName: "the account's signing key",
  eventNames: "`type`, such as `message.created`; else `event`, or a delivery report's `status`.",
  notes: [
    "The URL is signed: `publicUrl` must be right.",
    "Deliveries have no id that lasts. A token holds for a minute or so, within which a recorded delivery can be sent again.",
  ],
  settings: {
    proof: choiceSetting(["jwt", "standard-webhooks", "legacy"], {
      about: "How requests are proved: the token, Standard Webhooks, or the older `MessageBird-Signature`. Only the one named is asked.",
      default: "jwt",
    }),
  },
  verify: ({ proof }): Scheme<unknown> =>
    (proof === "standard-webhooks" ? standardWebhooks() : proof === "legacy" ? legacy : token) as Scheme<unknown>,
  methods: ["POST", "GET"],
  body: { kinds: ["json", "form"], mayBeEmpty: true },
  events: { firstOf: [{ body: "type" }, { body: "event" }, { body: "status" }, { value: "message" }] },
});

/** Time, sorted query and the bytes of the body's hash. The plus sign of a `statusDatetime` is one, and no blank. */
function signedLines({ query, body }: ReceiverRequest, timestamp: string): SignedAlternatives {
  const names = [...new Set(query.keys())].sort();
  const values = names.map((name) => query.getAll(name).map((value) => (name === "statusDatetime" ? value.replaceAll(" ", "+") : value)));
  const sorted = stringify(Object.fromEntries(names.map((name, index) => [name, values[index]])));
  return { alternatives: [[`${timestamp}\n${sorted}\n`, createHash("sha256").update(body).digest()]] };
}
