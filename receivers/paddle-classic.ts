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
 * Paddle Classic: RSA with SHA-1 over the form's other fields, as PHP would serialize them, in its field `p_signature`. The event
 * is `alert_name`. Paddle Billing has a receiver of its own.
 */
export const paddleClassic = defineReceiver({
  name: "paddle-classic",
  title: "Paddle Classic",
  docs: "https://developer.paddle.com/classic/reference/verifying-webhooks",
  category: "payments and billing",
  confirmed: "library",
  setup: "Enter this URL under Developer Tools, Alerts; the public key is under Developer Tools, Public Key.",
  secretName: "the vendor's public key, as PEM",
  eventNames: "`alert_name`, such as `subscription_created` or `payment_succeeded`.",
  notes: [
    "SHA-1 is all that Paddle Classic signs with. The time is signed but not checked, since retries come for three days; leave deduplication on.",
    "Webhooks of a product's fulfilment, which have no `alert_name`, have the event `fulfillment`.",
  ],
  verify: rsa({ from: { body: "p_signature" }, hash: "sha1", signed: { coversBody: true, coversUrl: false, read: serialized } }),
  body: "form",
  events: { firstOf: [{ body: "alert_name" }, { value: "fulfillment" }] },
  deliveryId: { body: "alert_id" },
});

/** `a:<fields>:{…}` with `s:<bytes>:"<text>";` for each name and value, in the order of the names. */
function serialized(request: ReceiverRequest): SignedAlternatives {
  const fields = unverifiedData(request) as FormFields | undefined;
  if (!fields || typeof fields !== "object" || Object.values(fields).some((value) => typeof value !== "string"))
    return failed("signed_part_missing", "The body is no form, or a field occurs twice.");
  const names = Object.keys(fields).filter((name) => name !== "p_signature");
  const texts = names.sort().flatMap((name) => [name, String(fields[name])]);
  const items = texts.map((text) => `s:${Buffer.byteLength(text)}:"${text}";`).join("");
  return { alternatives: [[`a:${names.length}:{${items}}`]] };
}
