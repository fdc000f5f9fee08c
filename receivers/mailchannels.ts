import type { KeyObject } from "node:crypto";
import {
  defineReceiver,
  failed,
  httpSignature,
  httpSignatureKeyOf,
  isSameText,
  matchingKey,
  type RemoteAnswer,
  type RemoteDocument,
  type Scheme,
  textSecret,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * MailChannels: HTTP message signatures with Ed25519 over the body's digest, by a key that MailChannels publishes. A delivery is
 * a list of events, each of which must name your account. The event is each one's `event`.
 */
export const mailchannels = defineReceiver({
  name: "mailchannels",
  title: "MailChannels",
  docs: "https://docs.mailchannels.net/email-api/advanced/delivery-events/",
  category: "e-mail and marketing",
  confirmed: "documented",
  setup: "Enroll the URL with `POST /tx/v1/webhook?endpoint=…` of the Email API.",
  secretName: "your account id at MailChannels, which events carry as `customer_handle`",
  eventNames: "Each `event`, such as `processed`, `delivered`, `hard-bounced` or `complained`.",
  notes: [
    "MailChannels signs for every customer, so every event of a delivery must name one of the configured accounts.",
    "The URL is not signed, and an event has no identifier of its own.",
  ],
  verify: signedForAccount(),
  secretBytes: { min: 3 },
  events: { body: "*.event" },
});

function signedForAccount(): Scheme<Buffer> {
  const signed = httpSignature({
    components: ["content-digest"],
    algorithms: ["ed25519"],
    keys: { document: keyDocument },
    tolerance: { pastSeconds: 300, futureSeconds: 60 },
    keyId: "mckey",
  });
  return {
    ...signed,
    secret: textSecret,
    async verify(request, keys, context) {
      const proof = await signed.verify(request, ["published"], context);
      if (!proof.verified) return proof;
      const data = unverifiedData(request);
      const accounts = valuesAt(data, "*.customer_handle");
      const isComplete = Array.isArray(data) && data.length > 0 && accounts.length === data.length;
      const isOf = (account: unknown, key: Buffer): boolean => typeof account === "string" && isSameText(key, account);
      const secretIndex = isComplete ? matchingKey(keys, (key) => accounts.every((account) => isOf(account, key))) : -1;
      return secretIndex < 0
        ? failed("claim_mismatch", "The events are for somebody else: not every one names the same configured account.")
        : { ...proof, secretIndex };
    },
  };
}

function keyDocument(id: string): RemoteDocument<KeyObject> | undefined {
  if (!/^[\w-]{1,64}$/.test(id)) return undefined;
  return { url: `https://api.mailchannels.net/tx/v1/webhook/public-key?id=${id}`, parse: parseKey };
}

function parseKey({ body }: RemoteAnswer): KeyObject {
  const [text] = valuesAt(JSON.parse(body.toString("utf8")), "key");
  const key = typeof text === "string" ? httpSignatureKeyOf(text.trim()) : undefined;
  if (key?.asymmetricKeyType !== "ed25519") throw new TypeError("The answer holds no Ed25519 key.");
  return key;
}
