import { decodeBase64, defineReceiver, hmac, type LocalScheme } from "../src/receiver/index.ts";

/**
 * Creem: HMAC-SHA256 of the body in `creem-signature`, or Standard Webhooks where the request has its headers. One secret
 * serves both: as it stands for the first, base64 after `whsec_` for the second. The event is `eventType`, or `type`.
 */
export const creem = defineReceiver({
  name: "creem",
  title: "Creem",
  docs: "https://docs.creem.io/code/webhooks",
  category: "payments and billing",
  confirmed: "library",
  setup: "Add the URL in Creem's dashboard under Developers, Webhooks; the secret is shown there. Test mode has its own.",
  secretName: "the webhook's signing secret",
  eventNames: "The body's `eventType`, such as `checkout.completed`.",
  notes: [
    "Creem's library checks Standard Webhooks first where its headers are there, although only `creem-signature` is documented.",
    "`creem-signature` covers no time, so an old request stays valid there; leave deduplication on.",
  ],
  verify: eitherForm(),
  events: { firstOf: [{ body: "eventType" }, { body: "type" }] },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created_at" }, unit: "milliseconds" },
});

/** The key of Standard Webhooks. A secret that is no base64 is none; the error makes the proof fail. */
function standardKey(secret: Buffer): Buffer {
  const text = secret.toString("utf8").replace(/^whsec_/, "");
  const key = decodeBase64(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
  if (key === undefined || key.length === 0) throw new TypeError("The secret is not base64 after `whsec_`.");
  return key;
}

/** Standard Webhooks decides where its headers are. Signed, and described, is the form that Creem documents, which has no time. */
function eitherForm(): LocalScheme<Buffer> {
  const documented = hmac({ header: "creem-signature" });
  const standard = hmac({
    header: "webhook-signature",
    signature: { form: "list", separator: " ", prefix: "v1," },
    encoding: "base64",
    timestampHeader: "webhook-timestamp",
    signed: "{header:webhook-id}.{timestamp}.{body}",
    keyFor: standardKey,
  });
  return {
    ...documented,
    proofHeaders: [...new Set([...documented.proofHeaders, ...standard.proofHeaders])],
    verify(request, keys, context) {
      const isStandard = request.headers.all("webhook-signature").length > 0;
      return (isStandard ? standard : documented).verify(request, keys, context);
    },
  };
}
