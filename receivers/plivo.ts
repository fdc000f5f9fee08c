import {
  defineReceiver,
  failed,
  flagSetting,
  hmac,
  type ReceiverRequest,
  readPlace,
  type Scheme,
  type SignedAlternatives,
  strongestOf,
  type VerifiedRequest,
} from "../src/receiver/index.ts";

const v3 = hmac({
  header: ["X-Plivo-Signature-V3", "X-Plivo-Signature-Ma-V3"],
  signature: { form: "list" },
  encoding: "base64",
  signed: { coversBody: true, coversUrl: true, headers: ["x-plivo-signature-v3-nonce"], read: signedV3 },
});

const v2 = hmac({
  header: ["X-Plivo-Signature-V2", "X-Plivo-Signature-Ma-V2"],
  encoding: "base64",
  signed: { coversBody: false, coversUrl: true, headers: ["x-plivo-signature-v2-nonce"], read: signedV2 },
});

/** V2 covers neither query nor body. A request that is signed for tests is so by V3, unless it has a nonce for V2 alone. */
const either: Scheme<Buffer> = {
  ...strongestOf([
    { when: { header: "X-Plivo-Signature-V3" }, scheme: v3 },
    { when: { header: "X-Plivo-Signature-Ma-V3" }, scheme: v3 },
    { when: { header: "X-Plivo-Signature-V2" }, scheme: v2 },
    { when: { header: "X-Plivo-Signature-Ma-V2" }, scheme: v2 },
  ]),
  signsPath: false,
  sign: (request, secret, context) =>
    (request.headers.get("X-Plivo-Signature-V3-Nonce") ? v3 : v2).sign?.(request, secret, context) ?? { headers: {} },
};

/**
 * Plivo: HMAC-SHA256 of the URL with its sorted query, the form's sorted fields and a nonce (V3), with the auth token of the account or,
 * in the `Ma` header, of the main account. V2, which signs URL and nonce alone, counts where there is no V3.
 */
export const plivo = defineReceiver({
  name: "plivo",
  title: "Plivo",
  docs: "https://www.plivo.com/docs/voice/xml/request/validation",
  category: "messaging and voice",
  confirmed: "library",
  setup: "Enter the URL as answer, hangup, message or callback URL of the application; the auth token stands on the console's overview.",
  secretName: "the account's auth token",
  eventNames:
    "`Event` of a call, such as `StartApp` or `Hangup`, else `CallStatus`, else a message's `Status`, else its `Type`, else `request`.",
  notes: [
    "The URL is signed as Plivo calls it, so `publicUrl` has to give the same.",
    "Messages come with V2 only, as far as is documented. V2 does not cover the body: ask Plivo's API before acting on it.",
    "The nonce is the delivery id: a replay is recognized, but a repetition by Plivo has a new one.",
  ],
  settings: {
    requireV3: flagSetting({ about: "Whether requests without a V3 signature are refused: V2 leaves the body open." }),
  },
  verify: ({ requireV3 }) => (requireV3 ? v3 : either),
  methods: ["POST", "GET"],
  body: { kinds: ["form"], mayBeEmpty: true },
  events: { firstOf: [{ body: "Event" }, { body: "CallStatus" }, { body: "Status" }, { body: "Type" }, { value: "request" }] },
  deliveryId: nonceOf,
  respond: {
    status: 200,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
  },
  sample: (_event, deliveryId) => ({ headers: { "X-Plivo-Signature-V3-Nonce": deliveryId } }),
});

/** The nonce of the version that was verified: the other one may be anybody's. */
function nonceOf({ request }: VerifiedRequest): string | undefined {
  const isV3 = ["X-Plivo-Signature-V3", "X-Plivo-Signature-Ma-V3"].some((header) => readPlace(request, { header }).length > 0);
  return request.headers.get(isV3 ? "X-Plivo-Signature-V3-Nonce" : "X-Plivo-Signature-V2-Nonce");
}

function signedV3({ method, url, headers, body }: ReceiverRequest): SignedAlternatives {
  const nonce = headers.get("X-Plivo-Signature-V3-Nonce");
  if (!nonce) return failed("signed_part_missing", "The header X-Plivo-Signature-V3-Nonce is missing or repeated.");
  const text = method === "POST" ? body.toString("utf8") : "";
  if (
    (method !== "POST" && body.length > 0) ||
    (text !== "" && !/^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(headers.get("content-type") ?? ""))
  )
    return failed("signed_part_missing", "The signature covers forms only, and the body is none.");
  const [base = "", query = ""] = url.split(/\?(.*)/s);
  const [parameters, fields] = [sortedPairs(query, "="), sortedPairs(text, "")];
  if (!parameters || !fields) return failed("verification_failed", `The request has more than ${maxPairs} fields.`);
  const marks = [parameters.length + fields.length > 0 ? "?" : "", parameters.length > 0 && fields.length > 0 ? "." : ""];
  return { alternatives: [[base, marks[0] ?? "", parameters.join("&"), marks[1] ?? "", fields.join(""), ".", nonce]] };
}

function signedV2({ url, headers }: ReceiverRequest): SignedAlternatives {
  const nonce = headers.get("X-Plivo-Signature-V2-Nonce");
  if (!nonce) return failed("signed_part_missing", "The header X-Plivo-Signature-V2-Nonce is missing or repeated.");
  return { alternatives: [[url.replace(/\?.*/s, ""), nonce]] };
}

/** Pairs in the order of their names and then of their values. */
function sortedPairs(text: string, between: string): readonly string[] | undefined {
  if (text.split("&", maxPairs + 1).length > maxPairs) return undefined;
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const pairs = [...new URLSearchParams(text)].sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map(([name, value]) => name + between + value);
}

/** Far more than Plivo sends; sorting is work that a stranger can cause. */
const maxPairs = 1_000;
