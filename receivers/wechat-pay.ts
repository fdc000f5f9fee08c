import {
  decryptGcm,
  defineReceiver,
  failed,
  type PublicKey,
  RequestError,
  rsa,
  type Scheme,
  type SecretFormat,
  type VerifiedRequest,
  valuesAt,
} from "../src/receiver/index.ts";

/**
 * WeChat Pay v3: RSA-SHA256 over time, nonce and body, by the platform key that `Wechatpay-Serial` names; `resource` is encrypted
 * with the APIv3 key, and handlers see it opened. The event is `event_type`.
 */
export const wechatPay = defineReceiver({
  name: "wechat-pay",
  title: "WeChat Pay",
  docs: "https://pay.weixin.qq.com/doc/v3/merchant/4012075420",
  category: "payments and billing",
  confirmed: "library",
  setup: "Give the URL as `notify_url` of each order. The merchant platform shows public key, its id and the APIv3 key under API security.",
  secretName: "`<id of the WeChat Pay public key, or serial of the platform certificate>:<APIv3 key>:<that key or certificate in PEM>`",
  eventNames: "`event_type`, such as `TRANSACTION.SUCCESS` or `REFUND.SUCCESS`.",
  notes: [
    "Platform certificates are not fetched, since that needs the merchant's own key: configure them, and during a change both.",
    "WeChat Pay sends wrong signatures now and then, to see them refused.",
  ],
  verify: keyedBySerial(),
  secretBytes: { min: 32, max: 16_384 },
  decrypt: openResource,
  events: { body: "event_type" },
  deliveryId: { body: "id" },
  sentAt: { from: { body: "create_time" }, unit: "iso" },
  refusal: {
    status: 401,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: '{"code":"FAIL","message":"The signature does not match."}',
  },
  timeLimitMs: 5_000,
  sample: () => ({ headers: { "Wechatpay-Nonce": "593BEC0C930BF1AFEB40B4A08C8FB242" } }),
});

interface PlatformKey {
  readonly serial: string;
  readonly apiKey: Buffer;
  readonly key: PublicKey;
}

function keyedBySerial(): Scheme<PlatformKey> {
  const signature = rsa({
    header: "Wechatpay-Signature",
    timestampHeader: "Wechatpay-Timestamp",
    signed: "{timestamp}\n{header:Wechatpay-Nonce}\n{body}\n",
  });
  return {
    ...signature,
    secret: {
      description: "`<serial>:<APIv3 key>:<public key or certificate in PEM>`",
      parse: (text) => platformKey(text, signature.secret),
      byteLength: (text) => text.length,
    },
    proofHeaders: [...signature.proofHeaders, "wechatpay-serial"],
    async verify(request, keys, context) {
      const serial = request.headers.get("Wechatpay-Serial");
      if (!serial) return failed("signed_part_missing", "The header Wechatpay-Serial is missing or repeated.");
      const named = keys.filter((one) => one.serial === serial);
      if (named.length === 0) return failed("key_unknown", "No configured key has the serial in Wechatpay-Serial.");
      const found = await signature.verify(
        request,
        named.map(({ key }) => key),
        context,
      );
      const used = found.verified ? named[found.secretIndex] : undefined;
      return used === undefined ? found : { ...found, secretIndex: keys.indexOf(used) };
    },
    sign(request, text, context) {
      const { serial, rest } = partsOf(text);
      const signed = signature.sign?.(request, rest, context);
      return { headers: { ...signed?.headers, "Wechatpay-Serial": serial } };
    },
  };
}

function partsOf(text: string): { readonly serial: string; readonly apiKey: string; readonly rest: string } {
  const [, serial = "", apiKey = "", rest = ""] = /^(\w{8,64}):([!-9;-~]{32}):(.+)$/s.exec(text) ?? [];
  return { serial, apiKey, rest };
}

function platformKey(text: string, format: SecretFormat<PublicKey>): PlatformKey | undefined {
  const { serial, apiKey, rest } = partsOf(text);
  const key = format.parse(rest);
  return key === undefined ? undefined : { serial, apiKey: Buffer.from(apiKey), key };
}

/** The data with `resource` opened. Its associated data and nonce stand beside it. */
function openResource({ data }: VerifiedRequest, keys: readonly unknown[]): unknown {
  const [ciphertext, nonce, associatedData = ""] = ["ciphertext", "nonce", "associated_data"].map(
    (name) => valuesAt(data, `resource.${name}`)[0],
  );
  if (ciphertext === undefined) return data;
  if (typeof ciphertext !== "string" || typeof nonce !== "string" || typeof associatedData !== "string")
    throw new RequestError("malformed_body", "`resource` does not have the form of an encrypted one.");
  for (const { apiKey } of keys as readonly PlatformKey[]) {
    try {
      const plain = decryptGcm(ciphertext, { key: apiKey, nonce: Buffer.from(nonce), associatedData });
      return { ...(data as object), resource: JSON.parse(plain.toString("utf8")) as unknown };
    } catch {
      // Another key may open it.
    }
  }
  throw new RequestError("malformed_body", "`resource` does not open with any configured APIv3 key.");
}
