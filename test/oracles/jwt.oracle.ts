import { createHash, generateKeyPairSync } from "node:crypto";
import { fileOf, packageOf } from "./load.ts";
import { compactBodies, headerOf, type Oracle, type Sent, withHeader } from "./oracle.ts";

const secret = "4f5b8c1d-9e2a-4c37-8b60-7d1f2a3e4b5c-signing";
const pem = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

function sha256(text: string | Buffer, encoding: "hex" | "base64" | "base64url"): string {
  return createHash("sha256").update(text).digest(encoding);
}

/** Spoils the signature of a token, for proofs that leave the body alone. */
function withOtherToken(name: string): (sent: Sent) => Sent {
  return (sent) => withHeader(sent, name, (value) => value.replace(/\.(?=[^.]*$)./, (run) => (run === ".A" ? ".B" : ".A")));
}

export const oracles: readonly Oracle[] = [
  {
    slug: "netlify",
    package: "jsonwebtoken",
    secret,
    headers: { "X-Netlify-Event": "deploy_created" },
    sign: ({ body, secret: key }) => {
      const claims = { iss: "netlify", sha256: sha256(body, "hex") };
      return { headers: { "X-Webhook-Signature": packageOf("jsonwebtoken").sign(claims, key, { algorithm: "HS256", noTimestamp: true }) } };
    },
    accepts: (sent, key) => {
      const options = { algorithms: ["HS256"], issuer: "netlify" };
      const claims = packageOf("jsonwebtoken").verify(headerOf(sent, "X-Webhook-Signature"), key, options);
      return claims.sha256 === sha256(sent.body, "hex");
    },
  },
  {
    slug: "vonage",
    package: "@vonage/jwt",
    signedBy: "jsonwebtoken",
    secret,
    sign: ({ body, secret: key, now, deliveryId }) => {
      const claims = { iat: now, jti: deliveryId, iss: "Vonage", payload_hash: sha256(body, "hex"), api_key: "abcd1234" };
      return { headers: { Authorization: `Bearer ${packageOf("jsonwebtoken").sign(claims, key, { algorithm: "HS256" })}` } };
    },
    accepts: (sent, key) => {
      const token = headerOf(sent, "Authorization").replace(/^Bearer /, "");
      const { payload_hash: hash } = packageOf("jsonwebtoken").decode(token);
      return packageOf("@vonage/jwt").verifySignature(token, key) && hash === sha256(sent.body, "hex");
    },
  },
  {
    slug: "messagebird",
    package: "messagebird",
    signedBy: "jsonwebtoken",
    secret,
    sign: ({ body, url, secret: key, now, deliveryId }) => {
      const hashes = { url_hash: sha256(url, "hex"), payload_hash: sha256(body, "hex") };
      const claims = { iss: "MessageBird", nbf: now - 1, iat: now, exp: now + 60, jti: deliveryId, ...hashes };
      return { headers: { "MessageBird-Signature-JWT": packageOf("jsonwebtoken").sign(claims, key, { algorithm: "HS256" }) } };
    },
    accepts: async (sent, key) => {
      const { verify } = fileOf("messagebird/lib/webhook-signature-jwt.js");
      await verify(sent.url, sent.body, headerOf(sent, "MessageBird-Signature-JWT"), Buffer.from(key));
      return true;
    },
  },
  {
    slug: "livekit",
    package: "livekit-server-sdk",
    secret,
    settings: { apiKey: "APIrandom123" },
    contentType: "application/webhook+json",
    bodies: ['{"id":"EV_1","event":"a.b"}', '{"event":"a.b","room":{"name":"Größe 漢字 😀"},  "id":"EV_2"}'],
    sign: async ({ body, secret: key }) => {
      const { AccessToken } = packageOf("livekit-server-sdk");
      const token = new AccessToken("APIrandom123", key, { ttl: "5m" });
      token.sha256 = sha256(body, "base64");
      return { headers: { Authorization: await token.toJwt() } };
    },
    accepts: async (sent, key) => {
      const { WebhookReceiver } = packageOf("livekit-server-sdk");
      await new WebhookReceiver("APIrandom123", key).receive(sent.body.toString(), headerOf(sent, "Authorization"));
      return true;
    },
  },
  {
    slug: "upstash-qstash",
    package: "@upstash/qstash",
    signedBy: "jose",
    secret: "sig_4vFhkqK3Bm1eYxT9pZcR7wNs2dLa",
    sign: async ({ body, url, secret: key, now, deliveryId }) => {
      const { SignJWT } = packageOf("jose");
      const token = new SignJWT({ body: sha256(body, "base64url") })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setIssuer("Upstash")
        .setSubject(url)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + 300)
        .setJti(deliveryId);
      return { headers: { "Upstash-Signature": await token.sign(Buffer.from(key)) } };
    },
    accepts: (sent, key) => {
      const { Receiver } = packageOf("@upstash/qstash");
      const receiver = new Receiver({ currentSigningKey: key, nextSigningKey: "sig_another" });
      return receiver.verify({ signature: headerOf(sent, "Upstash-Signature"), body: sent.body.toString(), url: sent.url });
    },
  },
  {
    slug: "wix",
    package: "@wix/sdk",
    signedBy: "jsonwebtoken",
    secret: pem.publicKey,
    signingSecret: pem.privateKey,
    contentType: "text/plain",
    bodies: compactBodies,
    unsigned: [],
    tamper: (sent) => ({ ...sent, body: Buffer.from(sent.body.toString().replace(/\.[^.]/, (run) => (run === ".A" ? ".B" : ".A"))) }),
    sign: ({ body, secret: key, now }) => {
      const claims = { data: JSON.stringify({ eventType: "a.b", instanceId: "i_1", data: body }), iat: now, exp: now + 300 };
      return { body: packageOf("jsonwebtoken").sign(claims, key, { algorithm: "RS256" }) };
    },
    accepts: async (sent, key) => {
      const { AppStrategy } = fileOf("@wix/sdk/build/auth/AppStrategy.js");
      const { valid } = await AppStrategy({ appId: "app", publicKey: key }).decodeJWT(sent.body.toString());
      return valid;
    },
  },
  {
    slug: "monday",
    package: "jsonwebtoken",
    secret,
    tamper: withOtherToken("Authorization"),
    sign: ({ url, secret: key, now }) => {
      const claims = { accountId: 1, userId: 2, aud: url, iat: now, exp: now + 300 };
      return { headers: { Authorization: packageOf("jsonwebtoken").sign(claims, key, { algorithm: "HS256" }) } };
    },
    accepts: (sent, key) => {
      const options = { algorithms: ["HS256"], audience: sent.url };
      return packageOf("jsonwebtoken").verify(headerOf(sent, "Authorization"), key, options);
    },
  },
  {
    slug: "fusionauth",
    package: "jose",
    secret,
    sign: async ({ body, secret: key }) => {
      const { SignJWT } = packageOf("jose");
      const token = new SignJWT({ request_body_sha256: sha256(body, "base64") }).setProtectedHeader({
        alg: "HS256",
        typ: "JWT",
        kid: "k1",
      });
      return { headers: { "X-FusionAuth-Signature-JWT": await token.sign(Buffer.from(key)) } };
    },
    accepts: async (sent, key) => {
      const { jwtVerify } = packageOf("jose");
      const token = headerOf(sent, "X-FusionAuth-Signature-JWT");
      const { payload } = await jwtVerify(token, Buffer.from(key), { algorithms: ["HS256"] });
      return payload.request_body_sha256 === sha256(sent.body, "base64");
    },
  },
  {
    slug: "atlassian-connect",
    package: "atlassian-jwt",
    secret,
    url: "https://example.test/api/webhooks/incoming/atlassian-connect?b=2&a=1&a=x%20y&c=%C3%A4",
    tamper: withOtherToken("Authorization"),
    sign: ({ url, secret: key, now }) => {
      const jwt = packageOf("atlassian-jwt");
      const qsh = jwt.createQueryStringHash(jwt.fromMethodAndUrl("POST", url));
      return { headers: { Authorization: `JWT ${jwt.encodeSymmetric({ iss: "client-key", iat: now, exp: now + 180, qsh }, key)}` } };
    },
    accepts: (sent, key) => {
      const jwt = packageOf("atlassian-jwt");
      const claims = jwt.decodeSymmetric(headerOf(sent, "Authorization").replace(/^JWT /, ""), key, "HS256");
      return claims.qsh === jwt.createQueryStringHash(jwt.fromMethodAndUrl(sent.method, sent.url)) && claims.exp > Date.now() / 1000;
    },
  },
];
