import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { fileOf, outside, packageOf } from "./load.ts";
import { compactBodies, headerOf, hmacOf, lowerHeaders, type Oracle, withHeader } from "./oracle.ts";

const secret = "It's a Secret to Everybody, 32 bytes";
const form = "application/x-www-form-urlencoded";
const ed25519 = generateKeyPairSync("ed25519");
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });

export const oracles: readonly Oracle[] = [
  {
    slug: "line",
    package: "@line/bot-sdk",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { "x-line-signature": hmacOf(key, body, "base64") } }),
    accepts: (sent, key) => packageOf("@line/bot-sdk").validateSignature(sent.body.toString(), key, headerOf(sent, "x-line-signature")),
  },
  {
    slug: "viber",
    package: "viber-bot",
    secret: "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9",
    compute: ({ body, secret: key }) => ({ headers: { "X-Viber-Content-Signature": hmacOf(key, body) } }),
    accepts: (sent, key) => {
      const MessageValidator = fileOf("viber-bot/lib/message/message-validator.js");
      const validator = new MessageValidator({ debug() {} }, key);
      return validator.validateMessage(headerOf(sent, "X-Viber-Content-Signature"), sent.body.toString());
    },
  },
  {
    slug: "telegram",
    package: "grammy",
    secret: "Secret_token-with_allowed-characters_32",
    bodies: ['{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"},"text":"a.b"}}'],
    tamper: (sent) => withHeader(sent, "X-Telegram-Bot-Api-Secret-Token", (value) => value.replace("32", "33")),
    compute: ({ secret: token }) => ({ headers: { "X-Telegram-Bot-Api-Secret-Token": token } }),
    accepts: async ({ url, method, headers, body }, secretToken) => {
      const { Bot, webhookCallback } = packageOf("grammy");
      const bot = new Bot("1:x", { botInfo: { id: 1, is_bot: true, first_name: "x", username: "x_bot" } });
      const request = new outside.Request(url, { method, headers: { ...headers }, body: body.toString() });
      const { status } = await webhookCallback(bot, "std/http", { secretToken })(request);
      return status === 200;
    },
  },
  {
    slug: "plivo",
    package: "plivo",
    secret,
    contentType: form,
    url: "https://example.test/api/webhooks/incoming/plivo?b=2&a=1",
    bodies: ["To=14152223333&Text=a.b&From=1+2"],
    compute: ({ body, secret: token }) => {
      const fields = [...new URLSearchParams(body)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flat()
        .join("");
      const signed = `https://example.test/api/webhooks/incoming/plivo?a=1&b=2.${fields}.12345678901234567890`;
      return {
        headers: { "X-Plivo-Signature-V3-Nonce": "12345678901234567890", "X-Plivo-Signature-V3": hmacOf(token, signed, "base64") },
      };
    },
    accepts: (sent, token) => {
      const { validateV3Signature } = fileOf("plivo/dist/utils/v3Security.js");
      const fields = Object.fromEntries(new URLSearchParams(sent.body.toString()));
      const nonce = headerOf(sent, "X-Plivo-Signature-V3-Nonce");
      return validateV3Signature(sent.method, sent.url, nonce, token, headerOf(sent, "X-Plivo-Signature-V3"), fields);
    },
  },
  {
    slug: "telnyx",
    package: "telnyx",
    secret: Buffer.from(ed25519.publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64"),
    signingSecret: ed25519.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    compute: ({ body, now }) => ({
      headers: {
        "telnyx-timestamp": String(now),
        "telnyx-signature-ed25519": sign(null, Buffer.from(`${now}|${body}`), ed25519.privateKey).toString("base64"),
      },
    }),
    accepts: async (sent, key) => {
      const { TelnyxWebhook } = fileOf("telnyx/lib/webhooks.js");
      await new TelnyxWebhook(key).verify(sent.body.toString(), lowerHeaders(sent));
      return true;
    },
  },
  {
    slug: "sendgrid",
    package: "@sendgrid/eventwebhook",
    secret: p256.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    signingSecret: p256.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    bodies: ['[{"event":"a.b","sg_event_id":"1"}]\r\n', '[{"event":"a.b","text":"Größe \\u00e4 漢字"}]\r\n'],
    compute: ({ body, now }) => ({
      headers: {
        "X-Twilio-Email-Event-Webhook-Timestamp": String(now),
        "X-Twilio-Email-Event-Webhook-Signature": sign("sha256", Buffer.from(`${now}${body}`), p256.privateKey).toString("base64"),
      },
    }),
    accepts: (sent, key) => {
      const { EventWebhook } = packageOf("@sendgrid/eventwebhook");
      const webhook = new EventWebhook();
      const signature = headerOf(sent, "X-Twilio-Email-Event-Webhook-Signature");
      const timestamp = headerOf(sent, "X-Twilio-Email-Event-Webhook-Timestamp");
      return webhook.verifySignature(webhook.convertPublicKeyToECDSA(key), sent.body, signature, timestamp);
    },
  },
  {
    slug: "getstream",
    package: "stream-chat",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { "X-Signature": hmacOf(key, body) } }),
    accepts: (sent, key) => {
      const { StreamChat } = packageOf("stream-chat");
      return new StreamChat("key", key).verifyWebhook(sent.body.toString(), headerOf(sent, "X-Signature"));
    },
  },
  {
    slug: "pusher",
    package: "pusher",
    secret: "278d425bdf160c739803:7ad3773142a6692b25b8",
    bodies: ['{"time_ms":1327078148132,"events":[{"name":"a.b","channel":"Größe"}]}'],
    compute: ({ body, secret: pair }) => ({
      headers: { "X-Pusher-Key": "278d425bdf160c739803", "X-Pusher-Signature": hmacOf(pair.slice(21), body) },
    }),
    accepts: (sent, pair) => {
      const Pusher = packageOf("pusher");
      const client = new Pusher({ appId: "1", key: "278d425bdf160c739803", secret: pair.slice(21) });
      return client.webhook({ headers: lowerHeaders(sent), rawBody: sent.body.toString() }).isValid();
    },
  },
  {
    slug: "lark",
    package: "@larksuiteoapi/node-sdk",
    secret,
    bodies: compactBodies,
    compute: ({ body, now, secret: key }) => ({
      headers: {
        "X-Lark-Request-Timestamp": String(now),
        "X-Lark-Request-Nonce": "1628735673",
        "X-Lark-Signature": createHash("sha256").update(`${now}1628735673${key}${body}`).digest("hex"),
      },
    }),
    accepts: (sent, encryptKey) => {
      const { EventDispatcher } = packageOf("@larksuiteoapi/node-sdk");
      const data = Object.assign(Object.create({ headers: lowerHeaders(sent) }), JSON.parse(sent.body.toString()));
      return new EventDispatcher({ encryptKey }).requestHandle.checkIsEventValidated(data);
    },
  },
  {
    slug: "mailgun",
    package: "mailgun-js",
    secret: "key-4f5b8c1d9e2a4c378b607d1f2a3e4b5c",
    bodies: ['{"event-data":{"event":"a.b","id":"1"}}'],
    unsigned: ['{"signature":{"token":"aed13fbd4f93b4dbeb43fa1f6a1a4e92c4f3a9e9d4c0c0b6b6"},"event-data":{"event":"a.b","id":"1"}}'],
    tamper: (sent) => ({ ...sent, body: Buffer.from(sent.body.toString().replace('"token":"ae', '"token":"af')) }),
    compute: ({ body, now, secret: key }) => {
      const token = "aed13fbd4f93b4dbeb43fa1f6a1a4e92c4f3a9e9d4c0c0b6b6";
      const signature = { timestamp: String(now), token, signature: hmacOf(key, `${now}${token}`) };
      return { body: JSON.stringify({ signature, ...(JSON.parse(body) as object) }) };
    },
    accepts: (sent, apiKey) => {
      const { signature } = JSON.parse(sent.body.toString()) as { signature: Record<string, string> };
      const client = packageOf("mailgun-js")({ apiKey, domain: "example.test" });
      return client.validateWebhook(signature.timestamp, signature.token, signature.signature);
    },
  },
  {
    slug: "mailersend",
    package: "mailersend",
    secret,
    compute: ({ body, secret: key }) => ({ headers: { Signature: hmacOf(key, body) } }),
    accepts: (sent, key) =>
      fileOf("mailersend/lib/services/mailersend.utils.js").MailerSendUtils.verifyWebHook(sent.body, headerOf(sent, "Signature"), key),
  },
  {
    slug: "twitch",
    package: "@twurple/eventsub-http",
    secret: "5f1a6e7cd2e7137ccf9e15b2f43fe63949eb84b1db83c1d5a867dc93429de4e4",
    compute: ({ body, now, secret: key, deliveryId }) => {
      const time = new Date(now * 1000).toISOString();
      return {
        headers: {
          "Twitch-Eventsub-Message-Id": deliveryId,
          "Twitch-Eventsub-Message-Timestamp": time,
          "Twitch-Eventsub-Message-Type": "notification",
          "Twitch-Eventsub-Subscription-Type": "channel.follow",
          "Twitch-Eventsub-Message-Signature": `sha256=${hmacOf(key, `${deliveryId}${time}${body}`)}`,
        },
      };
    },
    accepts: (sent, key) => {
      const { EventSubHttpBase } = fileOf("@twurple/eventsub-http/lib/EventSubHttpBase.js");
      const parts = ["id", "timestamp"].map((part) => headerOf(sent, `Twitch-Eventsub-Message-${part}`));
      const signature = headerOf(sent, "Twitch-Eventsub-Message-Signature");
      return EventSubHttpBase.prototype._verifyData.call({ _secret: key }, ...parts, sent.body.toString(), signature);
    },
  },
  {
    slug: "patreon",
    package: "patreon-api.ts",
    secret,
    headers: { "X-Patreon-Event": "members:create" },
    compute: ({ body, secret: key }) => ({ headers: { "X-Patreon-Signature": hmacOf(key, body, "hex", "md5") } }),
    accepts: (sent, key) => packageOf("patreon-api.ts").verify(key, headerOf(sent, "X-Patreon-Signature"), sent.body.toString()),
  },
];
