import {
  defineReceiver,
  type FormFields,
  failed,
  type ReceiverRequest,
  rsa,
  type SignedAlternatives,
  unverifiedData,
} from "../src/receiver/index.ts";

/**
 * Alipay, notifications: RSA with SHA-256 over the form's fields, sorted, in its field `sign`. The event is `trade_status`, or
 * else `notify_type`. Alipay wants `success` as the answer.
 */
export const alipay = defineReceiver({
  name: "alipay",
  title: "Alipay",
  docs: "https://opendocs.alipay.com/open/270/105902",
  category: "payments and billing",
  confirmed: "library",
  setup:
    "Name this URL as `notify_url` of a payment; Alipay's public key is in the open platform's console, with the app's interface signing.",
  secretName: "Alipay's public key for the app, in base64, or its certificate as PEM",
  eventNames: "`trade_status`, such as `TRADE_SUCCESS`; else `notify_type`.",
  notes: [
    "Compare `app_id`, `seller_id`, the order and the amount with your own before you act.",
    "`sign_type` must be RSA2: signatures with SHA-1 are refused. So are forms in GBK: ask for `charset=utf-8`.",
    "The time is signed but not checked, since retries come for a day; leave deduplication on.",
    "Some products sign `sign_type` as well; both ways are tried. An answer without a body becomes `success`.",
  ],
  verify: rsa({ from: { body: "sign" }, signed: { coversBody: true, coversUrl: false, read: signedFields } }),
  body: "form",
  events: { firstOf: [{ body: "trade_status" }, { body: "notify_type" }] },
  deliveryId: { body: "notify_id" },
  account: { body: "app_id" },
  shapeAnswer: (answer) => (answer.status < 300 && !answer.body ? { ...answer, ...success } : answer),
});

const success = { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "success" };

/** Names in the order of their characters, `name=value` with `&` between, as decoded; without `sign_type`, and with it. */
function signedFields(request: ReceiverRequest): SignedAlternatives {
  const fields = unverifiedData(request) as FormFields | undefined;
  if (!fields || typeof fields !== "object" || Object.values(fields).some((value) => typeof value !== "string"))
    return failed("signed_part_missing", "The body is no form, or a field occurs twice.");
  const { sign_type: type = "RSA2", charset = "utf-8" } = fields as Readonly<Record<string, string>>;
  if (type !== "RSA2" || charset.toLowerCase() !== "utf-8")
    return failed("signature_malformed", "Only `sign_type` RSA2 and `charset` utf-8 are taken.");
  const textOf = (...left: readonly string[]): string =>
    Object.keys(fields)
      .filter((name) => !left.includes(name))
      .sort()
      .map((name) => `${name}=${fields[name]}`)
      .join("&");
  return { alternatives: [[textOf("sign", "sign_type")], [textOf("sign")]] };
}
