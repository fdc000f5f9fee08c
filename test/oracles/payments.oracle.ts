import { createHash } from "node:crypto";
import { fileOf, outside, packageOf } from "./load.ts";
import { headerOf, hmacOf, lowerHeaders, type Oracle, withHeader } from "./oracle.ts";

const secret = "It's a Secret to Everybody, 32 bytes";
const form = "application/x-www-form-urlencoded";

export const oracles: readonly Oracle[] = [
  {
    slug: "razorpay",
    package: "razorpay",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { "X-Razorpay-Signature": hmacOf(key, body) } }),
    accepts: (sent, key) =>
      packageOf("razorpay").validateWebhookSignature(sent.body.toString(), headerOf(sent, "X-Razorpay-Signature"), key),
  },
  {
    slug: "paddle",
    package: "@paddle/paddle-node-sdk",
    secret: "pdl_ntfset_01h0000000000000000000000_4f5b8c1d9e2a4c37",
    compute: ({ body, now, secret: key }) => ({ headers: { "Paddle-Signature": `ts=${now};h1=${hmacOf(key, `${now}:${body}`)}` } }),
    accepts: (sent, key) => {
      const { Paddle } = packageOf("@paddle/paddle-node-sdk");
      return new Paddle("x").webhooks.isSignatureValid(sent.body.toString(), key, headerOf(sent, "Paddle-Signature"));
    },
  },
  {
    slug: "gocardless",
    package: "gocardless-nodejs",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { "Webhook-Signature": hmacOf(key, body) } }),
    accepts: (sent, key) => {
      fileOf("gocardless-nodejs/cjs/webhooks.js").verifySignature(sent.body.toString(), key, headerOf(sent, "Webhook-Signature"));
      return true;
    },
  },
  {
    slug: "mollie",
    package: "mollie-api-typescript",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { "X-Mollie-Signature": `sha256=${hmacOf(key, body)}` } }),
    accepts: (sent, key) => {
      const { SignatureValidator } = fileOf("mollie-api-typescript/dist/commonjs/utils/webhooks/signature_validator.js");
      return SignatureValidator.validate(sent.body.toString(), [key], [headerOf(sent, "X-Mollie-Signature")]);
    },
  },
  {
    slug: "mercadopago",
    package: "mercadopago",
    secret,
    url: "https://example.test/api/webhooks/incoming/mercadopago?data.id=ORD01ABC&type=payment",
    headers: { "x-request-id": "bb56a2f1-6aae-46ac-982e-9dcd3581d08e" },
    tamper: (sent) => ({ ...sent, url: sent.url.replace("ORD01", "ORD02") }),
    compute: ({ url, now, secret: key }) => {
      const id = new URL(url).searchParams.get("data.id")?.toLowerCase();
      const signed = hmacOf(key, `id:${id};request-id:bb56a2f1-6aae-46ac-982e-9dcd3581d08e;ts:${now};`);
      return { headers: { "x-signature": `ts=${now},v1=${signed}` } };
    },
    accepts: (sent, key) => {
      const { WebhookSignatureValidator } = packageOf("mercadopago");
      // As the vendor documents; the package leaves it to its caller.
      const dataId = new URL(sent.url).searchParams.get("data.id")?.toLowerCase();
      const request = { xSignature: headerOf(sent, "x-signature"), xRequestId: headerOf(sent, "x-request-id"), dataId, secret: key };
      WebhookSignatureValidator.validate(request);
      return true;
    },
  },
  {
    slug: "cashfree",
    package: "cashfree-pg",
    secret,
    compute: ({ body, now, secret: key }) => ({
      headers: { "x-webhook-timestamp": `${now}000`, "x-webhook-signature": hmacOf(key, `${now}000${body}`, "base64") },
    }),
    accepts: (sent, key) => {
      const { Cashfree, CFEnvironment } = packageOf("cashfree-pg");
      const client = new Cashfree(CFEnvironment?.SANDBOX ?? Cashfree.SANDBOX, "id", key);
      const signature = headerOf(sent, "x-webhook-signature");
      return client.PGVerifyWebhookSignature(signature, sent.body.toString(), headerOf(sent, "x-webhook-timestamp"));
    },
  },
  {
    slug: "square",
    package: "square",
    secret,
    compute: ({ body, url, secret: key }) => ({ headers: { "x-square-hmacsha256-signature": hmacOf(key, url + body, "base64") } }),
    accepts: (sent, signatureKey) => {
      const signatureHeader = headerOf(sent, "x-square-hmacsha256-signature");
      const { WebhooksHelper } = packageOf("square");
      return WebhooksHelper.verifySignature({
        requestBody: sent.body.toString(),
        signatureHeader,
        signatureKey,
        notificationUrl: sent.url,
      });
    },
  },
  {
    slug: "chargebee",
    package: "chargebee",
    secret: "webhook_user:a password with spaces & signs",
    tamper: (sent) => withHeader(sent, "Authorization", (value) => value.replace("c", "d")),
    compute: ({ secret: pair }) => ({ headers: { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` } }),
    accepts: async (sent, pair) => {
      const { basicAuthValidator } = packageOf("chargebee");
      await basicAuthValidator((user: string, password: string) => `${user}:${password}` === pair)(lowerHeaders(sent));
      return true;
    },
  },
  {
    slug: "creem",
    package: "creem",
    secret: "whsec_4f5b8c1d9e2a4c378b607d1f2a3e4b5c",
    // For our side, which signs the stronger form, that of Standard Webhooks.
    headers: { "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W" },
    compute: ({ body, secret: key }) => ({ headers: { "creem-signature": hmacOf(key, body) } }),
    accepts: async (sent, key) => {
      const { verifyWebhookSignature } = fileOf("creem/dist/commonjs/webhooks.js");
      const result = await verifyWebhookSignature(sent.body.toString(), lowerHeaders(sent), key);
      return result ?? true;
    },
  },
  {
    slug: "fintoc",
    package: "fintoc",
    secret: "whsec_4f5b8c1d9e2a4c378b607d1f2a3e4b5c",
    compute: ({ body, now, secret: key }) => ({ headers: { "Fintoc-Signature": `t=${now},v1=${hmacOf(key, `${now}.${body}`)}` } }),
    accepts: (sent, key) => {
      const { WebhookSignature } = packageOf("fintoc");
      return WebhookSignature.verifyHeader(sent.body.toString(), headerOf(sent, "Fintoc-Signature"), key, 300) ?? true;
    },
  },
  {
    slug: "orb",
    package: "orb-billing",
    secret,
    compute: ({ body, now, secret: key }) => {
      const time = new Date(now * 1000).toISOString().replace("Z", "");
      return { headers: { "X-Orb-Timestamp": time, "X-Orb-Signature": `v1=${hmacOf(key, `v1:${time}:${body}`)}` } };
    },
    accepts: (sent, key) => {
      const { Orb } = packageOf("orb-billing");
      new Orb({ apiKey: "x" }).webhooks.verifySignature(sent.body.toString(), lowerHeaders(sent), key);
      return true;
    },
  },
  {
    slug: "worldline",
    package: "connect-sdk-nodejs",
    secret: "key-id:It's a Secret to Everybody, 32 bytes",
    compute: ({ body, secret: key }) => ({
      headers: { "X-GCS-KeyId": "key-id", "X-GCS-Signature": hmacOf(key.slice(7), body, "base64") },
    }),
    accepts: (sent, key) => {
      const { newSignatureValidator } = fileOf("connect-sdk-nodejs/lib/webhooks/validation.js");
      const validator = newSignatureValidator({ getSecretKey: async () => key.slice(7) });
      return validator.validate(sent.body.toString(), lowerHeaders(sent)).then((result: unknown) => result ?? true);
    },
  },
  {
    slug: "coinbase-commerce",
    package: "coinbase-commerce-node",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { "X-CC-Webhook-Signature": hmacOf(key, body) } }),
    accepts: (sent, key) => {
      packageOf("coinbase-commerce-node").Webhook.verifySigHeader(sent.body.toString(), headerOf(sent, "X-CC-Webhook-Signature"), key);
      return true;
    },
  },
  ...["hook0", "coinbase-cdp"].flatMap((slug) => [hook0(slug, "v0"), hook0(slug, "v1")]),
  {
    slug: "openfort",
    package: "@openfort/openfort-node",
    secret: "sk_test_4f5b8c1d-9e2a-4c37-8b60-7d1f2a3e4b5c",
    compute: ({ body, secret: key }) => ({
      headers: { "openfort-signature": hmacOf(key.replace("sk_", "").replace("test_", "").replaceAll("-", ""), body) },
    }),
    accepts: async (sent, key) => {
      const { Openfort } = packageOf("@openfort/openfort-node");
      await new Openfort(key).constructWebhookEvent(sent.body.toString(), headerOf(sent, "openfort-signature"));
      return true;
    },
  },
  {
    slug: "opennode",
    package: "opennode",
    secret,
    contentType: form,
    bodies: ["id=a.b&status=paid&price=1.00"],
    compute: ({ body, secret: key }) => {
      const id = new URLSearchParams(body).get("id") ?? "";
      return { body: `${body}&hashed_order=${hmacOf(key, id)}` };
    },
    accepts: (sent, key) => {
      const { OpenNodeClient } = packageOf("opennode");
      return new OpenNodeClient(key, "dev").verifySignature(Object.fromEntries(new URLSearchParams(sent.body.toString())));
    },
  },
  {
    slug: "phonepe",
    package: "pg-sdk-node",
    secret: "webhook_user:webhook_password1",
    bodies: ['{"event":"a.b","type":"CHECKOUT_ORDER_COMPLETED","payload":{"orderId":"1","state":"COMPLETED"}}'],
    tamper: (sent) => withHeader(sent, "Authorization", (value) => value.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))),
    compute: ({ secret: pair }) => ({ headers: { Authorization: sha256(pair) } }),
    accepts: (sent, pair) => {
      const { StandardCheckoutClient, Env } = packageOf("pg-sdk-node");
      const [user, password] = pair.split(":");
      const client = StandardCheckoutClient.getInstance("id", "secret", 1, Env.SANDBOX);
      try {
        client.validateCallback(user, password, headerOf(sent, "Authorization"), sent.body.toString());
      } catch (error) {
        // What it makes of the body after the proof is its own affair.
        if (String(error).includes("Invalid Callback")) throw error;
      }
      return true;
    },
  },
];

function hook0(slug: string, version: "v0" | "v1"): Oracle {
  return {
    slug,
    package: "hook0-client",
    secret: "4f5b8c1d-9e2a-4c37-8b60-7d1f2a3e4b5c",
    headers: { "X-Event-Type": "a.b", "X-Event-Id": "evt_1" },
    compute: ({ body, now, secret: key }) => ({
      headers: {
        "X-Hook0-Signature":
          version === "v0"
            ? `t=${now},v0=${hmacOf(key, `${now}.${body}`)}`
            : `t=${now},h=x-event-id x-event-type,v1=${hmacOf(key, `${now}.x-event-id x-event-type.evt_1.a.b.${body}`)}`,
      },
    }),
    accepts: (sent, key) => {
      const { verifyWebhookSignatureWithCurrentTime: verify } = packageOf("hook0-client");
      const headers = new outside.Headers({ ...sent.headers });
      return verify(headerOf(sent, "X-Hook0-Signature"), sent.body.toString(), headers, key, 300, new outside.Date(Date.now())) ?? true;
    },
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
