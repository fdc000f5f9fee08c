import { fileOf, packageOf } from "./load.ts";
import { headerOf, type Oracle } from "./oracle.ts";

const secret = "It's a Secret to Everybody, 32 bytes";
const adyenKey = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
const form = "application/x-www-form-urlencoded";

/** Packages that sign fields of the body, and digests that are no HMAC. */
export const oracles: readonly Oracle[] = [
  {
    slug: "adyen",
    package: "@adyen/api-library",
    secret: adyenKey,
    bodies: ["a.b", "Größe:漢字\\"].map((reference) => JSON.stringify(adyenNotification(reference))),
    // Our side signs the other form.
    unsigned: [],
    tamper: (sent) => ({ ...sent, body: Buffer.from(sent.body.toString().replace('"value":1130', '"value":1131')) }),
    sign: ({ body, secret: key }) => {
      const Validator = fileOf("@adyen/api-library/lib/src/utils/hmacValidator.js").default;
      const parsed = JSON.parse(body) as ReturnType<typeof adyenNotification>;
      for (const { NotificationRequestItem: item } of parsed.notificationItems) {
        item.additionalData = { ...item.additionalData, hmacSignature: new Validator().calculateHmac(item, key) };
      }
      return { body: JSON.stringify(parsed) };
    },
    accepts: (sent, key) => {
      const Validator = fileOf("@adyen/api-library/lib/src/utils/hmacValidator.js").default;
      const { notificationItems } = JSON.parse(sent.body.toString()) as ReturnType<typeof adyenNotification>;
      return notificationItems.every(({ NotificationRequestItem: item }) => new Validator().validateHMAC(item, key));
    },
  },
  {
    slug: "adyen",
    package: "@adyen/api-library",
    secret: adyenKey,
    sign: ({ body, secret: key }) => {
      const Validator = fileOf("@adyen/api-library/lib/src/utils/hmacValidator.js").default;
      return { headers: { HmacSignature: new Validator().calculateHmac(body, key) } };
    },
    accepts: (sent, key) => {
      const Validator = fileOf("@adyen/api-library/lib/src/utils/hmacValidator.js").default;
      return new Validator().validateHMACSignature(key, headerOf(sent, "HmacSignature"), sent.body.toString());
    },
  },
  {
    slug: "braintree",
    package: "braintree",
    secret: "public_key:private_key_of_32_characters_abc",
    contentType: form,
    bodies: ["subscription_went_past_due", "check", "dispute_opened"],
    unsigned: [
      new URLSearchParams({
        bt_payload: Buffer.from("<notification><kind>check</kind><subject><check>true</check></subject></notification>").toString("base64"),
      }).toString(),
    ],
    tamper: (sent) => ({ ...sent, body: Buffer.from(sent.body.toString().replace("bt_payload=", "bt_payload=A")) }),
    sign: async ({ body: kind, secret: key }) => {
      const fields = await braintreeGateway(key).webhookTesting.sampleNotification(kind, "a.b");
      return { body: new URLSearchParams(fields).toString() };
    },
    accepts: async (sent, key) => {
      const fields = new URLSearchParams(sent.body.toString());
      return braintreeGateway(key).webhookNotification.parse(fields.get("bt_signature"), fields.get("bt_payload"));
    },
  },
  {
    slug: "paytm",
    package: "paytmchecksum",
    secret: "bKMfNxPPf_QdZppa",
    contentType: form,
    bodies: ["ORDERID=a.b&MID=merchant&TXNAMOUNT=1.00", "b=2&ORDERID=a.b&a=Gr%C3%B6%C3%9Fe+1&empty="],
    sign: async ({ body, secret: key }) => {
      const fields = Object.fromEntries(new URLSearchParams(body));
      const sum = await packageOf("paytmchecksum").generateSignature(fields, key);
      return { body: `${body}&${new URLSearchParams({ CHECKSUMHASH: sum })}` };
    },
    accepts: (sent, key) => {
      const { CHECKSUMHASH: sum, ...fields } = Object.fromEntries(new URLSearchParams(sent.body.toString()));
      return packageOf("paytmchecksum").verifySignature(fields, key, sum);
    },
  },
  {
    slug: "hubspot",
    package: "@hubspot/api-client",
    secret,
    bodies: ['[{"eventId":1,"subscriptionType":"a.b"}]', '[{"subscriptionType":"a.b","text":"Größe \\u00e4 漢字","n":1.00}]'],
    sign: ({ body, url, secret: key, now }) => {
      const { Signature } = packageOf("@hubspot/api-client");
      const options = { clientSecret: key, requestBody: body, url, timestamp: now * 1000 };
      return {
        headers: {
          "X-HubSpot-Signature": Signature.getSignature("POST", "v1", options),
          "X-HubSpot-Signature-Version": "v1",
          "X-HubSpot-Signature-v3": Signature.getSignature("POST", "v3", options),
          "X-HubSpot-Request-Timestamp": String(now * 1000),
        },
      };
    },
    accepts: (sent, key) => {
      const { Signature } = packageOf("@hubspot/api-client");
      return Signature.isValid({
        method: sent.method,
        signatureVersion: "v3",
        signature: headerOf(sent, "X-HubSpot-Signature-v3"),
        clientSecret: key,
        requestBody: sent.body.toString(),
        url: sent.url,
        timestamp: Number(headerOf(sent, "X-HubSpot-Request-Timestamp")),
      });
    },
  },
  {
    slug: "wechat",
    package: "wechat-crypto",
    secret: "token1234567890:jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C:wx5823bf96d3bd56c7",
    contentType: "text/xml",
    unsigned: [
      "<xml><MsgType>a.b</MsgType><Encrypt><![CDATA[RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5]]></Encrypt></xml>",
    ],
    bodies: ["a.b", "Größe 漢字 😀 a.b"].map(
      (text) => `<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${text}]]></Content></xml>`,
    ),
    tamper: (sent) => ({ ...sent, body: Buffer.from(sent.body.toString().replace("<Encrypt><![CDATA[", "<Encrypt><![CDATA[A")) }),
    sign: ({ body, url, secret: key, now }) => {
      const crypt = wechatCrypt(key);
      const encrypted = crypt.encrypt(body);
      const called = new URL(url);
      const values = {
        timestamp: String(now),
        nonce: "415670741",
        encrypt_type: "aes",
        msg_signature: crypt.getSignature(now, "415670741", encrypted),
      };
      for (const [name, value] of Object.entries(values)) called.searchParams.set(name, value);
      return {
        url: called.href,
        body: `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`,
      };
    },
    accepts: (sent, key) => {
      const { searchParams: query } = new URL(sent.url);
      const [, encrypted = ""] = /<Encrypt><!\[CDATA\[(.*?)\]\]>/s.exec(sent.body.toString()) ?? [];
      return query.get("msg_signature") === wechatCrypt(key).getSignature(query.get("timestamp"), query.get("nonce"), encrypted);
    },
  },
  {
    slug: "retell",
    package: "retell-sdk",
    secret: "key_4f5b8c1d9e2a4c378b607d1f2a3e4b5c",
    sign: async ({ body, secret: key, now }) => {
      const { symmetric } = fileOf("retell-sdk/lib/webhook_auth.js");
      return { headers: { "x-retell-signature": await symmetric.sign(body, key, now * 1000) } };
    },
    accepts: (sent, key) => {
      const { symmetric } = fileOf("retell-sdk/lib/webhook_auth.js");
      return symmetric.verify(sent.body.toString(), key, headerOf(sent, "x-retell-signature"));
    },
  },
  {
    slug: "modern-treasury",
    package: "modern-treasury",
    secret,
    sign: ({ body, secret: key }) => ({ headers: { "X-Signature": modernTreasury().getSignature(body, { key }) } }),
    accepts: (sent, key) => modernTreasury().validateSignature(sent.body.toString(), headerOf(sent, "X-Signature"), { key }),
  },
  {
    slug: "notion",
    package: "@notionhq/client",
    secret: "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl",
    sign: async ({ body, secret: verificationToken }) => ({
      headers: { "X-Notion-Signature": await packageOf("@notionhq/client").signWebhookPayload({ body, verificationToken }) },
    }),
    accepts: (sent, verificationToken) => {
      const signature = headerOf(sent, "X-Notion-Signature");
      return packageOf("@notionhq/client").verifyWebhookSignature({ body: sent.body.toString(), signature, verificationToken });
    },
  },
  ...["meta", "bitbucket", "bitbucket-server", "jira", "snyk", "discourse"].map((slug): Oracle => hubSignature(slug)),
];

function adyenNotification(merchantReference: string) {
  return {
    live: "false",
    notificationItems: [
      {
        NotificationRequestItem: {
          additionalData: {} as Record<string, string>,
          amount: { value: 1130, currency: "EUR" },
          eventCode: "AUTHORISATION",
          eventDate: "2026-01-01T00:00:00+01:00",
          merchantAccountCode: "TestMerchant",
          merchantReference,
          originalReference: "",
          pspReference: "7914073381342284",
          success: "true",
        },
      },
    ],
  };
}

function braintreeGateway(secret: string) {
  const { BraintreeGateway, Environment } = packageOf("braintree");
  const [publicKey, privateKey] = secret.split(":");
  return new BraintreeGateway({ environment: Environment.Sandbox, merchantId: "m", publicKey, privateKey });
}

function wechatCrypt(secret: string) {
  const WXBizMsgCrypt = packageOf("wechat-crypto");
  const [token, aesKey, id] = secret.split(":");
  return new WXBizMsgCrypt(token, aesKey, id);
}

function modernTreasury() {
  const { ModernTreasury } = packageOf("modern-treasury");
  return new ModernTreasury({ organizationID: "x", apiKey: "x" }).webhooks;
}

/** Senders of `sha256=` and the hash of the body, as an independent package for such headers makes and checks it. */
function hubSignature(slug: string): Oracle {
  const header = slug === "meta" ? "X-Hub-Signature-256" : slug === "discourse" ? "X-Discourse-Event-Signature" : "X-Hub-Signature";
  return {
    slug,
    package: "x-hub-signature",
    secret,
    sign: ({ body, secret: key }) => {
      const XHubSignature = packageOf("x-hub-signature");
      return { headers: { [header]: new XHubSignature("sha256", key).sign(Buffer.from(body)) } };
    },
    accepts: (sent, key) => {
      const XHubSignature = packageOf("x-hub-signature");
      return new XHubSignature("sha256", key).verify(headerOf(sent, header), sent.body);
    },
  };
}
