import { createHash } from "node:crypto";
import {
  decryptCbc,
  defineReceiver,
  encryptCbc,
  failed,
  isSameText,
  type LocalScheme,
  matchingKey,
  type ReceiverRequest,
  textSecret,
  unverifiedData,
  unverifiedKind,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Paytm: the form's values, in the order of their names and with a salt, are hashed with SHA-256 and the hash is encrypted with
 * the merchant key into `CHECKSUMHASH`; of JSON, the text of `body` into `head.signature`. The event is the status.
 */
export const paytm = defineReceiver({
  name: "paytm",
  title: "Paytm",
  docs: "https://www.paytmpayments.com/docs/checksum-implementation",
  category: "payments and billing",
  confirmed: "library",
  setup: "Enter the URL under Developer Settings, Webhook URL in the Paytm dashboard; API Keys there shows the merchant key.",
  secretName: "the merchant key, 16 characters",
  eventNames: "`STATUS`, such as `TXN_SUCCESS`, `TXN_FAILURE` or `PENDING`.",
  notes: [
    "Values are signed without their names and with nothing sure between them: ask the Transaction Status API before goods are sent.",
    "No time is signed.",
  ],
  verify: checksum(),
  secretBytes: { min: 16, max: 16 },
  body: { kinds: ["form", "json"] },
  data: ({ request }) => (isForm(request) ? unverifiedData(request) : { body: valuesAt(unverifiedData(request), "body")[0] }),
  events: {
    firstOf: [{ body: "STATUS" }, { body: "NOTIFICATIONSTATUS" }, { body: "body.resultInfo.resultStatus" }],
  },
  account: { firstOf: [{ body: "MID" }, { body: "body.mid" }] },
});

const iv = Buffer.from("@@@@&&&&####$$$$");

function checksum(): LocalScheme<Buffer> {
  return {
    name: "checksum",
    signsWithSecret: true,
    secret: { ...textSecret, description: "a merchant key of 16 bytes", parse: (text) => keyOf(text) },
    bodyBound: false,
    signsUrl: false,
    proofHeaders: [],
    proofParameters: [],

    verify(request, keys) {
      const { sum, text } = readSigned(request);
      if (typeof sum !== "string" || sum === "")
        return failed("signature_missing", "There is no one checksum in CHECKSUMHASH or head.signature.");
      if (text === undefined) return failed("signature_malformed", "A field occurs more than once, or there is nothing signed.");
      const secretIndex = matchingKey(keys, (key) => {
        const plain = decrypted(sum, key);
        return plain?.length === 68 && isSameText(saltedHash(text, plain.slice(-4)), plain);
      });
      return secretIndex < 0
        ? failed("signature_mismatch", "The merchant key does not match, or a value was changed on its way.")
        : { verified: true, secretIndex };
    },

    /** The salt comes from the text, so that signing needs no randomness. */
    sign(request, secret) {
      const key = keyOf(secret);
      const { text, write } = readSigned(request);
      if (!key || text === undefined) throw new TypeError("sign: expected a merchant key of 16 bytes, and a form or a JSON `body`.");
      const salt = createHash("sha256").update(text).digest("base64").slice(0, 4);
      return { headers: {}, body: Buffer.from(write(encryptCbc(Buffer.from(saltedHash(text, salt)), { key, iv }).toString("base64"))) };
    },
  };
}

interface Signed {
  readonly sum: unknown;
  readonly text: string | undefined;
  readonly write: (sum: string) => string;
}

function readSigned(request: ReceiverRequest): Signed {
  const data = unverifiedData(request);
  if (!isForm(request)) {
    const [body] = valuesAt(data, "body");
    const write = (signature: string): string => JSON.stringify({ head: { signature }, body });
    return { sum: valuesAt(data, "head.signature")[0], text: body === undefined ? undefined : JSON.stringify(body), write };
  }
  const { CHECKSUMHASH: sum, ...fields } = (data ?? {}) as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields).sort();
  const values = names.map((name) => fields[name]);
  const isReadable = values.length > 0 && values.every((value) => typeof value === "string");
  const pairs = names.map((name): [string, string] => [name, String(fields[name])]);
  const write = (signature: string): string => new URLSearchParams([...pairs, ["CHECKSUMHASH", signature]]).toString();
  return { sum, text: isReadable ? values.join("|") : undefined, write };
}

function isForm(request: ReceiverRequest): boolean {
  return unverifiedKind(request) === "form";
}

function saltedHash(text: string, salt: string): string {
  return createHash("sha256").update(`${text}|${salt}`).digest("hex") + salt;
}

function decrypted(sum: string, key: Buffer): string | undefined {
  try {
    return decryptCbc(sum, { key, iv }).toString("latin1");
  } catch {
    return undefined;
  }
}

function keyOf(text: string): Buffer | undefined {
  const key = Buffer.from(text, "utf8");
  return key.length === 16 ? key : undefined;
}
