import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { fixture } from "../receiver/schemes/fixtures/read.ts";
import { fileOf, packageOf } from "./load.ts";
import { compactBodies, headerOf, type Oracle, withHeader } from "./oracle.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const p521 = generateKeyPairSync("ec", { namedCurve: "P-521" });
const form = "application/x-www-form-urlencoded";

/** Packages that check with public keys, which the test makes and hands to both sides. */
export const oracles: readonly Oracle[] = [
  {
    slug: "google-pubsub",
    package: "google-auth-library",
    signedBy: "jose",
    secret: "https://example.test/audience",
    settings: { serviceAccount: "push@project.iam.gserviceaccount.com" },
    signingSecret: JSON.stringify({
      key: { ...rsa.privateKey.export({ format: "jwk" }), kid: "google-1" },
      secret: "https://example.test/audience",
    }),
    published: { "https://www.googleapis.com/oauth2/v3/certs": jwks(rsa.publicKey, "google-1", "RS256") },
    tamper: (sent) => withHeader(sent, "Authorization", (value) => `${value.slice(0, -9)}AAAAAAAAA`),
    sign: async ({ now }) => {
      const { SignJWT, importPKCS8 } = packageOf("jose");
      const token = new SignJWT({ email: "push@project.iam.gserviceaccount.com", email_verified: true })
        .setProtectedHeader({ alg: "RS256", kid: "google-1", typ: "JWT" })
        .setIssuer("https://accounts.google.com")
        .setAudience("https://example.test/audience")
        .setSubject("113774264463038321964")
        .setIssuedAt(now)
        .setExpirationTime(now + 3600);
      return { headers: { Authorization: `Bearer ${await token.sign(await importPKCS8(pemOf(rsa.privateKey), "RS256"))}` } };
    },
    accepts: async (sent) => {
      const { OAuth2Client } = packageOf("google-auth-library");
      const token = headerOf(sent, "Authorization").replace(/^Bearer /, "");
      const certificates = { "google-1": pemOf(rsa.publicKey) };
      const issuers = ["accounts.google.com", "https://accounts.google.com"];
      await new OAuth2Client().verifySignedJwtWithCertsAsync(token, certificates, "https://example.test/audience", issuers);
      return true;
    },
  },
  {
    slug: "ebay",
    package: "event-notification-nodejs-sdk",
    secret: "verification_token-of-at-least-32-characters:Client-App-PRD-1:PRD-secret-1",
    published: {
      "https://api.ebay.com/identity/v1/oauth2/token": JSON.stringify({
        access_token: "v^1.1#i^1",
        token_type: "Application Access Token",
      }),
      "https://api.ebay.com/commerce/notification/v1/public_key/ebay-1": JSON.stringify({
        key: pemOf(p256.publicKey).replaceAll("\n", ""),
        algorithm: "ECDSA",
        digest: "SHA1",
      }),
    },
    bodies: compactBodies,
    compute: ({ body }) => {
      const signature = sign("sha1", Buffer.from(body), p256.privateKey).toString("base64");
      const header = JSON.stringify({ alg: "ecdsa", kid: "ebay-1", signature, digest: "SHA1" });
      return { headers: { "X-EBAY-SIGNATURE": Buffer.from(header).toString("base64") } };
    },
    accepts: (sent) => {
      fileOf("event-notification-nodejs-sdk/lib/client.js").getPublicKey = async () => ({
        key: pemOf(p256.publicKey).replaceAll("\n", ""),
      });
      const { validateSignature } = fileOf("event-notification-nodejs-sdk/lib/validator.js");
      return validateSignature(JSON.parse(sent.body.toString()), headerOf(sent, "X-EBAY-SIGNATURE"), {});
    },
  },
  {
    slug: "truelayer",
    package: "truelayer-signing",
    secret: "code-in-the-url-0123456789",
    signingSecret: pemOf(p521.privateKey),
    published: { "https://webhooks.truelayer.com/.well-known/jwks": jwks(p521.publicKey, "tl-1", "ES512") },
    headers: { "X-Tl-Webhook-Timestamp": "2026-11-23T21:00:00Z" },
    url: "https://example.test/api/webhooks/incoming/truelayer?code=code-in-the-url-0123456789",
    compute: ({ body, url }) => {
      const header = {
        alg: "ES512",
        kid: "tl-1",
        tl_version: "2",
        tl_headers: "X-Tl-Webhook-Timestamp",
        jku: "https://webhooks.truelayer.com/.well-known/jwks",
      };
      const text = `POST ${new URL(url).pathname}\nX-Tl-Webhook-Timestamp: 2026-11-23T21:00:00Z\n${body}`;
      const head = base64url(JSON.stringify(header));
      const key = { key: p521.privateKey, dsaEncoding: "ieee-p1363" } as const;
      const signature = sign("sha512", Buffer.from(`${head}.${base64url(text)}`), key).toString("base64url");
      return { headers: { "Tl-Signature": `${head}..${signature}` } };
    },
    accepts: (sent) => {
      const { verify } = packageOf("truelayer-signing");
      const { pathname: path } = new URL(sent.url);
      const signature = headerOf(sent, "Tl-Signature");
      verify({
        jwks: jwks(p521.publicKey, "tl-1", "ES512"),
        signature,
        method: sent.method,
        path,
        headers: { ...sent.headers },
        body: sent.body.toString(),
      });
      return true;
    },
  },
  {
    slug: "wechat-pay",
    package: "wechatpay-node-v3",
    secret: `PUB_KEY_ID_0000000000000024101100397200000006:EC0D07F84E4A4C8FBE0B1D9E6F3A5C27:${pemOf(rsa.publicKey)}`,
    signingSecret: `PUB_KEY_ID_0000000000000024101100397200000006:EC0D07F84E4A4C8FBE0B1D9E6F3A5C27:${pemOf(rsa.privateKey)}`,
    headers: { "Wechatpay-Nonce": "593BEC0C930BF1AFEB40B4A08C8FB242" },
    compute: ({ body, now }) => ({
      headers: {
        "Wechatpay-Serial": "PUB_KEY_ID_0000000000000024101100397200000006",
        "Wechatpay-Timestamp": String(now),
        "Wechatpay-Nonce": "593BEC0C930BF1AFEB40B4A08C8FB242",
        "Wechatpay-Signature": sign("sha256", Buffer.from(`${now}\n593BEC0C930BF1AFEB40B4A08C8FB242\n${body}\n`), rsa.privateKey).toString(
          "base64",
        ),
      },
    }),
    accepts: (sent) => {
      const loaded = packageOf("wechatpay-node-v3");
      const Pay = loaded.default ?? loaded;
      const [timestamp, nonce, serial = "", signature] = ["Timestamp", "Nonce", "Serial", "Signature"].map((name) =>
        headerOf(sent, `Wechatpay-${name}`),
      );
      Pay.certificates = { [serial]: pemOf(rsa.publicKey) };
      const verify = Pay.prototype.verifySign;
      return verify.call({}, { timestamp, nonce, serial, signature, body: sent.body.toString(), apiSecret: "" });
    },
  },
  {
    slug: "alipay",
    package: "alipay-sdk",
    secret: rsa.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    signingSecret: pemOf(rsa.privateKey),
    contentType: form,
    bodies: ["notify_id=1&trade_status=TRADE_SUCCESS&subject=a.b&total_amount=1.00", "subject=a.b+Gr%C3%B6%C3%9Fe&notify_id=2&b=%26%3D"],
    compute: ({ body }) => {
      const fields = [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1));
      const text = fields.map(([name, value]) => `${name}=${value}`).join("&");
      const signature = sign("sha256", Buffer.from(text), rsa.privateKey).toString("base64");
      return { body: `${body}&${new URLSearchParams({ sign_type: "RSA2", sign: signature })}` };
    },
    accepts: (sent, alipayPublicKey) => {
      const { AlipaySdk } = packageOf("alipay-sdk");
      const privateKey = rsa.privateKey.export({ type: "pkcs1", format: "der" }).toString("base64");
      const client = new AlipaySdk({ appId: "2016123456789012", privateKey, alipayPublicKey });
      return client.checkNotifySignV2(Object.fromEntries(new URLSearchParams(sent.body.toString())));
    },
  },
  {
    slug: "paddle-classic",
    package: "verify-paddle-webhook",
    secret: pemOf(rsa.publicKey),
    signingSecret: pemOf(rsa.privateKey),
    contentType: form,
    bodies: ["alert_id=1&alert_name=a.b&amount=1.00", "alert_name=a.b&alert_id=2&name=Gr%C3%B6%C3%9Fe+%E6%BC%A2&empty="],
    compute: ({ body }) => {
      const fields = [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1));
      const text = fields.map((pair) => pair.map((one) => `s:${Buffer.byteLength(one)}:"${one}";`).join("")).join("");
      const signature = sign("sha1", Buffer.from(`a:${fields.length}:{${text}}`), rsa.privateKey).toString("base64");
      return { body: `${body}&${new URLSearchParams({ p_signature: signature })}` };
    },
    accepts: (sent, key) => {
      const { verifyPaddleWebhook } = packageOf("verify-paddle-webhook");
      return verifyPaddleWebhook(key, Object.fromEntries(new URLSearchParams(sent.body.toString())));
    },
  },
  {
    slug: "aws-sns",
    package: "sns-validator",
    secret: "arn:aws:sns:us-east-1:123456789012:topic",
    signingSecret: `arn:aws:sns:us-east-1:123456789012:topic ${fixture("leaf.key.pem")}`,
    contentType: "text/plain; charset=UTF-8",
    published: { [snsCertificate()]: fixture("leaf.pem") },
    bodies: ["a.b", "a.b\nGröße 漢字 \\u2028"],
    unsigned: [JSON.stringify({ ...snsMessage("a.b", "2026-11-23T21:00:00.000Z"), Signature: "" })],
    headers: { "x-amz-sns-message-type": "Notification" },
    compute: ({ body, now }) => ({ body: JSON.stringify(snsMessage(body, new Date(now * 1000).toISOString())) }),
    accepts: (sent) => withCertificate(() => validateSns(sent.body.toString())),
  },
];

function snsCertificate(): string {
  return "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000000000000000000000000000000a.pem";
}

function snsMessage(text: string, time: string): Readonly<Record<string, string>> {
  const signed = {
    Message: text,
    MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    Subject: "a.b",
    Timestamp: time,
    TopicArn: "arn:aws:sns:us-east-1:123456789012:topic",
    Type: "Notification",
  };
  const lines = Object.entries(signed).map(([name, value]) => `${name}\n${value}\n`);
  const signature = sign("sha256", Buffer.from(lines.join("")), fixture("leaf.key.pem")).toString("base64");
  return { ...signed, SignatureVersion: "2", Signature: signature, SigningCertURL: snsCertificate() };
}

function validateSns(message: string): Promise<unknown> {
  const MessageValidator = packageOf("sns-validator");
  return new Promise((resolve, reject) => {
    new MessageValidator().validate(message, (error: unknown) => (error ? reject(error) : resolve(true)));
  });
}

/** Answers the package's request for the certificate. */
async function withCertificate(run: () => Promise<unknown>): Promise<unknown> {
  const https = packageOf("node:https");
  const { PassThrough } = packageOf("node:stream");
  const { get } = https;
  https.get = (_url: string, answer: (response: unknown) => void) => {
    answer(Object.assign(new PassThrough().end(fixture("leaf.pem")), { statusCode: 200 }));
    return { on: () => {} };
  };
  try {
    return await run();
  } finally {
    https.get = get;
  }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: key.type === "private" ? "pkcs8" : "spki", format: "pem" }).toString();
}

function jwks(key: KeyObject, kid: string, alg: string): string {
  return JSON.stringify({ keys: [{ ...key.export({ format: "jwk" }), kid, alg, use: "sig" }] });
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
