import { defineReceiver, echo, failed, hmac, type LocalScheme } from "../src/receiver/index.ts";

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
  verify: keyedById(),
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

interface NamedKey {
  readonly id: string;
  readonly key: Buffer;
}

/** HMAC with whichever key the request names: the others are not tried. */
function keyedById(): LocalScheme<NamedKey> {
  const signature = hmac({ header: "X-GCS-Signature", encoding: "base64" });
  return {
    ...signature,
    secret: {
      description: "`<key id>:<secret key>`",
      parse: namedKey,
      byteLength: (text) => namedKey(text)?.key.length ?? 0,
    },
    proofHeaders: [...signature.proofHeaders, "x-gcs-keyid"],
    verify(request, keys, context) {
      const id = request.headers.get("X-GCS-KeyId");
      if (!id) return failed("signed_part_missing", "The header X-GCS-KeyId is missing or repeated.");
      const named = keys.filter((key) => key.id === id);
      if (named.length === 0) return failed("key_unknown", "No configured key has the id in X-GCS-KeyId.");
      const found = signature.verify(
        request,
        named.map(({ key }) => key),
        context,
      );
      const used = found.verified ? named[found.secretIndex] : undefined;
      return used === undefined ? found : { ...found, secretIndex: keys.indexOf(used) };
    },
    sign(request, text, context) {
      const named = namedKey(text);
      if (!named) throw new TypeError("sign: the secret is not `<key id>:<secret key>`.");
      return { headers: { ...signature.sign?.(request, named.key.toString("utf8"), context).headers, "X-GCS-KeyId": named.id } };
    },
  };
}

function namedKey(text: string): NamedKey | undefined {
  const [, id, secret] = /^([^:\s]+):(.+)$/s.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, key: Buffer.from(secret, "utf8") };
}
