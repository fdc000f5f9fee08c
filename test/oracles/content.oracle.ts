import { createHash } from "node:crypto";
import { fileOf, outside, packageOf } from "./load.ts";
import { headerOf, hmacOf, lowerHeaders, type Oracle } from "./oracle.ts";

const secret = "It's a Secret to Everybody, 32 bytes";
const contentfulSecret = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

export const oracles: readonly Oracle[] = [
  {
    slug: "sanity",
    package: "@sanity/webhook",
    secret,
    sign: async ({ body, now, secret: key }) => ({
      headers: { "sanity-webhook-signature": await packageOf("@sanity/webhook").encodeSignatureHeader(body, now * 1000, key) },
    }),
    accepts: (sent, key) =>
      packageOf("@sanity/webhook").isValidSignature(sent.body.toString(), headerOf(sent, "sanity-webhook-signature"), key),
  },
  {
    slug: "hygraph",
    package: "@hygraph/utils",
    secret,
    sign: ({ body, secret: key }) => ({
      headers: {
        "gcms-signature": packageOf("@hygraph/utils").generateWebhookSignature({
          rawPayload: body,
          environmentName: "master",
          secret: key,
        }),
      },
    }),
    accepts: (sent, key) => {
      const signature = headerOf(sent, "gcms-signature");
      return packageOf("@hygraph/utils").verifyWebhookSignature({ rawPayload: sent.body.toString(), signature, secret: key });
    },
  },
  {
    slug: "contentful",
    package: "@contentful/node-apps-toolkit",
    secret: contentfulSecret,
    headers: { "X-Contentful-Topic": "ContentManagement.Entry.publish" },
    sign: ({ body, url, now, secret: key }) => {
      const { pathname, search } = new URL(url);
      const headers = { "x-contentful-topic": "ContentManagement.Entry.publish" };
      const request = { method: "POST", path: pathname + search, headers, body };
      return { headers: packageOf("@contentful/node-apps-toolkit").signRequest(key, outsider(request), now * 1000) };
    },
    accepts: (sent, key) => {
      const { pathname, search } = new URL(sent.url);
      const request = { method: "POST", path: pathname + search, headers: lowerHeaders(sent), body: sent.body.toString() };
      return packageOf("@contentful/node-apps-toolkit").verifyRequest(key, outsider(request), 30);
    },
  },
  {
    slug: "kontent-ai",
    package: "@kontent-ai/webhook-helper",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { "X-Kontent-ai-Signature": hmacOf(key, body, "base64") } }),
    accepts: (sent, key) => {
      const { signatureHelper } = packageOf("@kontent-ai/webhook-helper");
      return signatureHelper.isValidSignatureFromString(sent.body.toString(), key, headerOf(sent, "X-Kontent-ai-Signature"));
    },
  },
  {
    slug: "cloudinary",
    package: "cloudinary",
    secret,
    compute: ({ body, now, secret: key }) => ({
      headers: { "X-Cld-Timestamp": String(now), "X-Cld-Signature": createHash("sha1").update(`${body}${now}${key}`).digest("hex") },
    }),
    accepts: (sent, key) => {
      const { v2 } = packageOf("cloudinary");
      v2.config({ api_secret: key, signature_algorithm: "sha1" });
      const timestamp = Number(headerOf(sent, "X-Cld-Timestamp"));
      return v2.utils.verifyNotificationSignature(sent.body.toString(), timestamp, headerOf(sent, "X-Cld-Signature"), 7200);
    },
  },
  {
    slug: "imagekit",
    package: "imagekit",
    secret,
    compute: ({ body, now, secret: key }) => ({ headers: { "x-ik-signature": `t=${now}000,v1=${hmacOf(key, `${now}000.${body}`)}` } }),
    accepts: (sent, key) => {
      const ImageKit = packageOf("imagekit");
      const client = new ImageKit({ publicKey: "x", privateKey: "x", urlEndpoint: "https://example.test" });
      return client.verifyWebhookEvent(sent.body.toString(), headerOf(sent, "x-ik-signature"), key);
    },
  },
  {
    slug: "mux",
    package: "@mux/mux-node",
    secret,
    compute: ({ body, now, secret: key }) => ({ headers: { "Mux-Signature": `t=${now},v1=${hmacOf(key, `${now}.${body}`)}` } }),
    accepts: async (sent, key) => {
      const { Mux } = packageOf("@mux/mux-node");
      const { webhooks } = new Mux({ tokenId: "x", tokenSecret: "x" });
      await webhooks.verifySignature(sent.body.toString(), lowerHeaders(sent), key);
      return true;
    },
  },
  {
    slug: "box",
    package: "box-node-sdk",
    secret,
    compute: ({ body, now, secret: key }) => {
      const time = new Date(now * 1000).toISOString();
      return {
        headers: {
          "BOX-DELIVERY-ID": "f96bb54b-ee16-4fc5-aa65-8c2d9e5b546f",
          "BOX-DELIVERY-TIMESTAMP": time,
          "BOX-SIGNATURE-ALGORITHM": "HmacSHA256",
          "BOX-SIGNATURE-VERSION": "1",
          "BOX-SIGNATURE-PRIMARY": hmacOf(key, `${body}${time}`, "base64"),
        },
      };
    },
    accepts: (sent, key) => {
      const { WebhooksManager } = fileOf("box-node-sdk/lib/managers/webhooks.js");
      return WebhooksManager.validateMessage(sent.body.toString(), lowerHeaders(sent), key, { maxAge: 600 });
    },
  },
  {
    slug: "webflow",
    package: "webflow-api",
    secret,
    compute: ({ body, now, secret: key }) => ({
      headers: { "x-webflow-timestamp": `${now}000`, "x-webflow-signature": hmacOf(key, `${now}000:${body}`) },
    }),
    accepts: (sent, key) => {
      const { Client } = fileOf("webflow-api/wrapper/WebhooksClient.js");
      return new Client({}).verifySignature({ headers: lowerHeaders(sent), body: sent.body.toString(), secret: key });
    },
  },
];

/** The same plain object as one of the packages' own realm. */
function outsider(value: object): unknown {
  return outside.JSON.parse(JSON.stringify(value));
}
