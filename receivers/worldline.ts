import { defineReceiver, echo, hmac, namedKey } from "../src/receiver/index.ts";

/**
 * Worldline Connect and Direct: HMAC-SHA256 of the body in `X-GCS-Signature`, with the key that `X-GCS-KeyId` names. The event
 * is the body's `type`. Worldline Connect checks the URL by GET and wants a header's value back as text.
 */
export const worldline = defineReceiver({
  name: "worldline",
  title: "Worldline",
  docs: "https://docs.direct.worldline-solutions.com/en/integration/api-developer-guide/webhooks",
  category: "payments and billing",
  confirmed: "library",
  setup: "Under Developer, Webhooks, generate the webhooks keys and add the URL. Note the secret at once: it is shown for a minute.",
  secretName: "the webhooks key as `<key id>:<secret key>`",
  eventNames: "The body's `type`, such as `payment.created` or `refund.refund_requested`.",
  notes: ["A key takes part only where the request names its id; for a rotation, configure both."],
  verify: namedKey(hmac({ header: "X-GCS-Signature", encoding: "base64" }), {
    from: { header: "X-GCS-KeyId" },
    description: "`<key id>:<secret key>`",
  }),
  events: { body: "type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "created" }, unit: "iso" },
  account: { body: "merchantId" },
  handshakes: [
    {
      proof: "none",
      method: "GET",
      answer: ({ headers }) => {
        const value = headers.get("X-GCS-Webhooks-Endpoint-Verification");
        return value === undefined ? undefined : echo(value);
      },
    },
  ],
});
