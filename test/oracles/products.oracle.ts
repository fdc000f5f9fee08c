import { fileOf, outside, packageOf } from "./load.ts";
import { compactBodies, headerOf, hmacOf, lowerHeaders, type Oracle } from "./oracle.ts";

const secret = "It's a Secret to Everybody, 32 bytes";

export const oracles: readonly Oracle[] = [
  {
    slug: "shopify",
    package: "@shopify/shopify-api",
    secret,
    headers: {
      "X-Shopify-Topic": "orders/create",
      "X-Shopify-API-Version": "2026-10",
      "X-Shopify-Shop-Domain": "shop.myshopify.com",
      "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
      "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
    },
    compute: ({ body, secret: key }) => ({ headers: { "X-Shopify-Hmac-Sha256": hmacOf(key, body, "base64") } }),
    accepts: async (sent, apiSecretKey) => {
      packageOf("@shopify/shopify-api/adapters/node");
      const { shopifyApi, ApiVersion } = packageOf("@shopify/shopify-api");
      const apiVersion = Object.values(ApiVersion).at(-1);
      const logger = { level: 0, log: () => {} };
      const api = shopifyApi({ apiKey: "k", apiSecretKey, hostName: "example.test", isEmbeddedApp: false, apiVersion, logger });
      const rawRequest = { method: sent.method, url: sent.url, headers: { ...sent.headers } };
      const { valid } = await api.webhooks.validate({ rawBody: sent.body.toString(), rawRequest, rawResponse: {} });
      return valid;
    },
  },
  {
    slug: "easypost",
    package: "@easypost/api",
    secret: "sécret ﬁ Å with 32 bytes or more of them",
    compute: ({ body, secret: key }) => ({
      headers: { "X-Hmac-Signature": `hmac-sha256-hex=${hmacOf(key.normalize("NFKD"), body)}` },
    }),
    accepts: (sent, key) => {
      const EasyPost = packageOf("@easypost/api");
      const { Utils } = new EasyPost("k");
      return Utils.validateWebhook(sent.body, lowerHeaders(sent), key);
    },
  },
  {
    slug: "workos",
    package: "@workos-inc/node",
    secret,
    bodies: compactBodies,
    compute: ({ body, now, secret: key }) => ({ headers: { "WorkOS-Signature": `t=${now}000, v1=${hmacOf(key, `${now}000.${body}`)}` } }),
    accepts: (sent, key) => {
      const { WorkOS } = packageOf("@workos-inc/node");
      const payload = JSON.parse(sent.body.toString());
      return new WorkOS("sk_x").webhooks.verifyHeader({ payload, sigHeader: headerOf(sent, "WorkOS-Signature"), secret: key });
    },
  },
  {
    slug: "linear",
    package: "@linear/sdk",
    secret: "lin_wh_4f5b8c1d9e2a4c378b607d1f2a3e4b5c",
    bodies: (now) => [
      `{"action":"create","type":"a.b","webhookTimestamp":${now}000}`,
      `{"type":"a.b","text":"Größe \\u00e4 漢字","webhookTimestamp": ${now}000}`,
    ],
    compute: ({ body, secret: key }) => ({ headers: { "Linear-Signature": hmacOf(key, body) } }),
    accepts: (sent, key) => {
      const { LinearWebhookClient } = packageOf("@linear/sdk/webhooks");
      const { webhookTimestamp } = JSON.parse(sent.body.toString()) as { webhookTimestamp: number };
      return new LinearWebhookClient(key).verify(sent.body, headerOf(sent, "Linear-Signature"), webhookTimestamp);
    },
  },
  {
    slug: "crisp",
    package: "crisp-api",
    secret,
    bodies: compactBodies,
    compute: ({ body, now, secret: key }) => ({
      headers: { "X-Crisp-Request-Timestamp": `${now}000`, "X-Crisp-Signature": hmacOf(key, `[${now}000;${body}]`) },
    }),
    accepts: (sent, key) => {
      const { Crisp } = packageOf("crisp-api");
      const [time, signature] = ["X-Crisp-Request-Timestamp", "X-Crisp-Signature"].map((name) => headerOf(sent, name));
      return new Crisp().verifyWidget(key, JSON.parse(sent.body.toString()), time, signature);
    },
  },
  {
    slug: "nango",
    package: "@nangohq/node",
    secret: "4f5b8c1d-9e2a-4c37-8b60-7d1f2a3e4b5c",
    compute: ({ body, secret: key }) => ({ headers: { "X-Nango-Hmac-Sha256": hmacOf(key, body) } }),
    accepts: (sent, secretKey) => {
      const { Nango } = packageOf("@nangohq/node");
      return new Nango({ secretKey }).verifyIncomingWebhookRequest(sent.body.toString(), lowerHeaders(sent));
    },
  },
  {
    slug: "onfido",
    package: "@onfido/api",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { "X-SHA2-Signature": hmacOf(key, body) } }),
    accepts: (sent, key) => {
      const { WebhookEventVerifier } = packageOf("@onfido/api");
      return new WebhookEventVerifier(key).readPayload(sent.body.toString(), headerOf(sent, "X-SHA2-Signature"));
    },
  },
  {
    slug: "elevenlabs",
    package: "@elevenlabs/elevenlabs-js",
    secret: "wsec_4f5b8c1d9e2a4c378b607d1f2a3e4b5c",
    compute: ({ body, now, secret: key }) => ({ headers: { "ElevenLabs-Signature": `t=${now},v0=${hmacOf(key, `${now}.${body}`)}` } }),
    accepts: (sent, key) => {
      const { WebhooksClient } = fileOf("@elevenlabs/elevenlabs-js/wrapper/webhooks.js");
      return new WebhooksClient({}).constructEvent(sent.body.toString(), headerOf(sent, "ElevenLabs-Signature"), key);
    },
  },
  {
    slug: "lovable",
    package: "@lovable.dev/webhooks-js",
    secret,
    compute: ({ body, now, secret: key }) => ({
      headers: { "x-lovable-timestamp": String(now), "x-lovable-signature": `sha256=${hmacOf(key, `${now}.${body}`)}` },
    }),
    accepts: async ({ url, method, headers, body }, key) => {
      const { verifyWebhookRequest } = packageOf("@lovable.dev/webhooks-js");
      const req = new outside.Request(url, { method, headers: { ...headers }, body: body.toString() });
      return verifyWebhookRequest({ req, secret: key });
    },
  },
  {
    slug: "dropbox-sign",
    package: "@dropbox/sign",
    secret: "4f5b8c1d9e2a4c378b607d1f2a3e4b5c4f5b8c1d9e2a4c378b607d1f2a3e4b5c",
    contentType: "multipart/form-data; boundary=limit",
    bodies: (now) => [multipart(String(now), "")],
    tamper: (sent) => ({ ...sent, body: Buffer.from(sent.body.toString().replace("signature_request_sent", "signature_request_lost")) }),
    compute: ({ now, secret: key }) => ({ body: multipart(String(now), hmacOf(key, `${now}signature_request_sent`)) }),
    accepts: (sent, apiKey) => {
      const { EventCallbackHelper, EventCallbackRequest } = packageOf("@dropbox/sign");
      const [json = ""] = /\{.*\}/.exec(sent.body.toString()) ?? [];
      return EventCallbackHelper.isValid(apiKey, EventCallbackRequest.init(JSON.parse(json)));
    },
  },
  {
    slug: "moralis-streams",
    package: "@moralisweb3/streams",
    secret,
    bodies: compactBodies,
    compute: ({ body, secret: key }) => ({ headers: { "x-signature": packageOf("web3-utils").sha3(body + key) } }),
    accepts: (sent, streamsSecret) => {
      const { Core } = packageOf("@moralisweb3/common-core");
      const { ApiUtils } = packageOf("@moralisweb3/api-utils");
      const { Streams } = packageOf("@moralisweb3/streams");
      const core = Core.create();
      const streams = Streams.create(core);
      core.registerModules([ApiUtils.create(core), streams]);
      core.config.merge({ apiKey: "x", streamsSecret });
      return streams.verifySignature({ body: JSON.parse(sent.body.toString()), signature: headerOf(sent, "x-signature") });
    },
  },
  tern("lemon-squeezy", "lemonsqueezy", "X-Signature", (key, body) => hmacOf(key, body)),
  tern("woocommerce", "woocommerce", "X-WC-Webhook-Signature", (key, body) => hmacOf(key, body, "base64")),
  tern("doppler", "doppler", "X-Doppler-Signature", (key, body) => `sha256=${hmacOf(key, body)}`),
  {
    ...tern("sentry", "sentry", "Sentry-Hook-Signature", (key, body) => hmacOf(key, body)),
    compute: ({ body, now, secret: key }) => ({
      headers: {
        "Request-ID": "4f5b8c1d",
        "Sentry-Hook-Resource": "issue",
        "Sentry-Hook-Timestamp": String(now),
        "Sentry-Hook-Signature": hmacOf(key, body),
      },
    }),
  },
];

function multipart(time: string, hash: string): string {
  const event = { event_time: time, event_type: "signature_request_sent", event_hash: hash };
  return `--limit\r\nContent-Disposition: form-data; name="json"\r\n\r\n${JSON.stringify({ event })}\r\n--limit--\r\n`;
}

/** Providers for which an independent package for many platforms verifies. */
function tern(slug: string, platform: string, header: string, make: (key: string, body: string) => string): Oracle {
  return {
    slug,
    package: "@hookflo/tern",
    secret,
    // It hashes what `JSON.stringify` makes of the body of one of them.
    bodies: compactBodies,
    compute: ({ body, secret: key }) => ({ headers: { [header]: make(key, body) } }),
    accepts: async (sent, key) => {
      const { WebhookVerificationService } = packageOf("@hookflo/tern");
      const request = new outside.Request(sent.url, { method: sent.method, headers: { ...sent.headers }, body: sent.body.toString() });
      const { isValid } = await WebhookVerificationService.verifyWithPlatformConfig(request, platform, key, 300);
      return isValid;
    },
  };
}
