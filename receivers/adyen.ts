import {
  decodeBase64,
  defineReceiver,
  digest,
  failed,
  hexSecret,
  hmac,
  type LocalScheme,
  matchesAny,
  matchingKey,
  strongestOf,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Adyen: platform webhooks carry HMAC-SHA256 of the body in `HmacSignature`. Standard webhooks sign eight fields of every item,
 * in the item itself, and all must match. The event is the items' `eventCode`, or the body's `type`. The answer is `[accepted]`.
 */
export const adyen = defineReceiver({
  name: "adyen",
  title: "Adyen",
  docs: "https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures",
  category: "payments and billing",
  confirmed: ["library", "vector"],
  setup: "Add the webhook under Developers, Webhooks of the Customer Area, choose JSON, and generate an HMAC key under Security.",
  secretName: "the webhook's HMAC key, in hexadecimal",
  eventNames:
    "`eventCode` of standard webhooks, such as `AUTHORISATION`; `type` of the others, such as `balancePlatform.transfer.created`.",
  notes: [
    "A standard webhook signs psp reference, original reference, account, merchant reference, amount, event code and success only: `bodyBound` is false, and anything else may have been changed.",
    "Only JSON is read, neither SOAP nor HTTP POST parameters.",
    "The delivery id of a standard webhook is made of psp reference, event code and success; platform webhooks have none.",
  ],
  verify: strongestOf([
    { when: { header: "HmacSignature" }, scheme: hmac({ header: "HmacSignature", encoding: "base64", key: "hex" }) },
    { when: { body: "notificationItems.*.NotificationRequestItem.additionalData.hmacSignature" }, scheme: standard() },
  ]),
  events: { firstOf: [{ body: "notificationItems.*.NotificationRequestItem.eventCode" }, { body: "type" }] },
  deliveryId: {
    joined: ["pspReference", "eventCode", "success"].map((name) => ({ body: `notificationItems.*.NotificationRequestItem.${name}` })),
    separator: ":",
  },
  sentAt: { from: { firstOf: [{ body: "notificationItems.*.NotificationRequestItem.eventDate" }, { body: "timestamp" }] }, unit: "iso" },
  account: { firstOf: [{ body: "notificationItems.*.NotificationRequestItem.merchantAccountCode" }, { body: "data.balancePlatform" }] },
  respond: { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "[accepted]" },
  timeLimitMs: 10_000,
});

/**
 * What each field may be, in the order in which they are signed. Only `merchantReference` may hold a colon, so that no other
 * division of the same signed text passes.
 */
const fields: readonly (readonly [path: string, form: RegExp])[] = [
  ["pspReference", /^[^:]+$/],
  ["originalReference", /^[^:]*$/],
  ["merchantAccountCode", /^[^:]+$/],
  ["merchantReference", /^/],
  ["amount.value", /^(-?\d{1,15})?$/],
  ["amount.currency", /^[A-Z]{0,3}$/],
  ["eventCode", /^[A-Z0-9_]+$/],
  ["success", /^(true|false)$/],
];

/** Far more than Adyen sends, which is one; each costs a digest for each key. */
const maxItems = 100;

function standard(): LocalScheme<Buffer> {
  return {
    name: "hmac",
    secret: hexSecret,
    bodyBound: false,
    signsUrl: false,
    proofHeaders: [],
    proofParameters: [],
    verify(request, keys) {
      const data = unverifiedData(request);
      const count = valuesAt(data, "notificationItems.*").length;
      const items = valuesAt(data, "notificationItems.*.NotificationRequestItem").map(readItem);
      const whole = items.filter((item) => item !== undefined);
      if (count === 0 || count > maxItems || whole.length !== count)
        return failed("signed_part_missing", "An item lacks its signature or a field that is signed, or there is no item.");
      const secretIndex = matchingKey(
        keys,
        (key) => whole.filter(({ text, signature }) => !matchesAny(digest("sha256", key, [text]), [signature])).length === 0,
      );
      return secretIndex < 0
        ? failed("signature_mismatch", "An item's signature is of none of the configured keys, or a signed field was changed.")
        : { verified: true, secretIndex };
    },
  };
}

/** The text that is signed and the signature; undefined if either is not as Adyen writes it, down to the types. */
function readItem(item: unknown): { readonly text: string; readonly signature: Buffer } | undefined {
  const texts = fields.map(([path, form]) => {
    const [value] = valuesAt(item, path);
    const isRight = value === undefined || value === null || typeof value === (path === "amount.value" ? "number" : "string");
    const text = String(value ?? "");
    return isRight && form.test(text) ? text : undefined;
  });
  const [given] = valuesAt(item, "additionalData.hmacSignature");
  const signature = typeof given === "string" ? decodeBase64(given) : undefined;
  return texts.includes(undefined) || signature === undefined ? undefined : { text: texts.join(":"), signature };
}
