import {
  defineReceiver,
  failed,
  hmac,
  type ReceiverRequest,
  type SignedAlternatives,
  unverifiedData,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * Mercado Pago: HMAC-SHA256 in `x-signature` of the id in the URL (`data.id`, in lower case), `x-request-id` and time; what is
 * absent is left out. The body is not signed: fetch the object that it names.
 */
export const mercadopago = defineReceiver({
  name: "mercadopago",
  title: "Mercado Pago",
  docs: "https://www.mercadopago.com.br/developers/en/docs/your-integrations/notifications/webhooks",
  category: "payments and billing",
  confirmed: "library",
  setup: "Enter the URL under Webhooks of the application in Your integrations, and reveal the secret signature there.",
  secretName: "the application's secret signature",
  eventNames: "The body's `action` such as `payment.updated`, or else its `type`, or `type` or `topic` of the URL.",
  notes: [
    "Only the id is signed: fetch the payment before anything is done. A body that names another `data.id` than the URL is refused.",
    "A request with neither `data.id` nor `x-request-id` is refused, and so is a `;` in either, which could shift one into the other.",
    "The time is in seconds or milliseconds, by product. Mercado Pago's library checks it only on demand; here it is always checked.",
    "`x-request-id` is signed: a proxy that sets it anew makes every proof fail.",
    "Notifications of QR codes are not signed and are refused.",
  ],
  verify: hmac({
    header: "x-signature",
    signature: { form: "pairs", timestamp: "ts", signature: "v1" },
    timeUnit: "seconds-or-milliseconds",
    signed: { coversBody: false, coversUrl: false, headers: ["x-request-id"], read: manifestOf },
  }),
  events: { firstOf: [{ body: "action" }, { body: "type" }, { query: "type" }, { query: "topic" }] },
  deliveryId: { header: "x-request-id" },
  account: { body: "user_id" },
  timeLimitMs: 22_000,
});

function manifestOf(request: ReceiverRequest, timestamp: string): SignedAlternatives {
  const ids = request.query.getAll("data.id").filter((value) => value !== "");
  const requestIds = request.headers.all("x-request-id").filter((value) => value !== "");
  const [id, requestId] = [ids[0]?.toLowerCase(), requestIds[0]];
  if (ids.length > 1 || requestIds.length > 1 || (id ?? requestId) === undefined)
    return failed("signed_part_missing", "`data.id` in the URL and `x-request-id` are both missing, or one is repeated.");
  if (`${id}${requestId}`.includes(";")) return failed("signature_malformed", "`data.id` or `x-request-id` has a semicolon.");
  const data = unverifiedData(request);
  if (data === undefined && request.body.length > 0)
    return failed("verification_failed", "The body cannot be read, so that its `data.id` cannot be compared.");
  const [named] = valuesAt(data, "data.id");
  if (id !== undefined && named !== undefined && String(named).toLowerCase() !== id)
    return failed("claim_mismatch", "The body names another `data.id` than the URL, which alone is signed.");
  const parts = [id === undefined ? "" : `id:${id};`, requestId === undefined ? "" : `request-id:${requestId};`, `ts:${timestamp};`];
  return { alternatives: [parts] };
}
