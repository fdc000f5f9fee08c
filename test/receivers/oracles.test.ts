import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { sign as octokitSign, verify as octokitVerify } from "@octokit/webhooks-methods";
import bolt from "@slack/bolt";
import { verifyKey } from "discord-interactions";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import twilioLibrary from "twilio";
import { discord } from "../../receivers/discord.ts";
import { github } from "../../receivers/github.ts";
import { slack } from "../../receivers/slack.ts";
import { standardWebhooks } from "../../receivers/standard-webhooks.ts";
import { stripe } from "../../receivers/stripe.ts";
import { twilio } from "../../receivers/twilio.ts";
import { type Receiver, ReceiverRequest, rawHeadersOf, type Verification } from "../../src/receiver/index.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";
import { signRequest } from "../../src/testing/sign-request.ts";

const url = "https://example.test/api/webhooks/incoming/any?shop=Größe&x=%27";
const payloads = ['{"type":"a.b","text":"Größe 漢字 \\u2028"}', '{\n  "n": 1.00\n}', "[]", " "];
const now = new Date();
const seconds = Math.floor(now.getTime() / 1000);

interface Sent {
  readonly secret: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly method?: string;
  readonly url?: string;
}

function accepts(receiver: Receiver, { secret, headers, body, method = "POST", url: called = url }: Sent): boolean {
  const request = new ReceiverRequest({ method, url: called, rawHeaders: rawHeadersOf(headers), body: Buffer.from(body) });
  return (verifyRequest(receiver.verify, request, [receiver.verify.secret.parse(secret)], { now: seconds }) as Verification).verified;
}

describe.each(payloads)("the payload %j", (body) => {
  it("signed by GitHub's library is accepted, and the other way round", async () => {
    const secret = "It's a Secret to Everybody";
    expect(accepts(github, { secret, body, headers: { "X-Hub-Signature-256": await octokitSign(secret, body) } })).toBe(true);
    expect(await octokitVerify(secret, body, signRequest(github, { secret, body }).headers["x-hub-signature-256"]!)).toBe(true);
  });

  it("signed by Stripe's library is accepted, and the other way round", () => {
    const secret = "whsec_c2VjcmV0IG9mIHN0cmlwZQ==";
    const { webhooks } = new Stripe("sk_test_x");
    const header = webhooks.generateTestHeaderString({ payload: body, secret, timestamp: seconds });
    expect(accepts(stripe, { secret, body, headers: { "Stripe-Signature": header } })).toBe(true);
    const signed = signRequest(stripe, { secret, body, now });
    expect(webhooks.signature!.verifyHeader(body, signed.headers["stripe-signature"]!, secret, 300)).toBe(true);
  });

  it("signed for Slack is accepted by Slack's library", () => {
    const secret = "8f742231b10e8888abcd99yyyzzz85a5";
    const { headers } = signRequest(slack, { secret, body, now });
    const verify = (text: string) => () =>
      bolt.verifySlackRequest({ signingSecret: secret, body: text, headers: headers as never, nowMilliseconds: now.getTime() });
    expect(verify(body)).not.toThrow();
    expect(verify(`${body} `)).toThrow();
  });

  it("signed by the Standard Webhooks library is accepted, and the other way round", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const library = new Webhook(secret);
    const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(seconds), "webhook-signature": library.sign("msg_1", now, body) };
    expect(accepts(standardWebhooks, { secret, body, headers })).toBe(true);
    const signed = signRequest(standardWebhooks, { secret, body, now });
    expect(library.verify(body, signed.headers, { jsonParse: false })).toBeUndefined();
  });

  it("signed for Discord is accepted by its library, and by the receiver when signed by Node.js", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const publicHex = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url").toString("hex");
    const privateHex = Buffer.from(privateKey.export({ format: "jwk" }).d!, "base64url").toString("hex");
    const signature = sign(null, Buffer.from(`${seconds}${body}`), privateKey).toString("hex");
    expect(
      accepts(discord, {
        secret: publicHex,
        body,
        headers: { "X-Signature-Ed25519": signature, "X-Signature-Timestamp": String(seconds) },
      }),
    ).toBe(true);
    const { headers } = signRequest(discord, { secret: privateHex, body, now });
    expect(await verifyKey(body, headers["x-signature-ed25519"]!, headers["x-signature-timestamp"]!, publicHex)).toBe(true);
    expect(await verifyKey(`${body} `, headers["x-signature-ed25519"]!, headers["x-signature-timestamp"]!, publicHex)).toBe(false);
  });

  it("signed by Twilio's library with its hash is accepted, and the other way round", () => {
    const secret = "12345678901234567890123456789012";
    const called = `${url}&bodySHA256=${twilioLibrary.getExpectedBodyHash(body)}`;
    const header = twilioLibrary.getExpectedTwilioSignature(secret, called, {});
    expect(
      accepts(twilio, { secret, body, url: called, headers: { "content-type": "application/json", "X-Twilio-Signature": header } }),
    ).toBe(true);
    const signed = signRequest(twilio, { secret, body, contentType: "application/json", url });
    expect(twilioLibrary.validateRequestWithBody(secret, signed.headers["x-twilio-signature"]!, signed.url, body)).toBe(true);
    expect(twilioLibrary.validateRequestWithBody(secret, signed.headers["x-twilio-signature"]!, signed.url, `${body} `)).toBe(false);
  });
});

describe("a form of Twilio's", () => {
  const secret = "12345678901234567890123456789012";
  const form = { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" };
  const forms: readonly Record<string, string | string[]>[] = [
    { b: "2", a: "1", B: "3", "": "nameless" },
    { Body: "a+b c%20d&e=f", To: "+15558675310" },
    { Body: "Größe 漢字 😀", ä: "ö" },
    { empty: "", Digits: ["5678", "1234", "1234"] },
    { a10: "x", a1: "0x", a: "", _z: "" },
  ];

  it.each(forms)("is accepted when the library signs %j, and the other way round", (fields) => {
    const signature = twilioLibrary.getExpectedTwilioSignature(secret, url, fields);
    const body = new URLSearchParams(
      Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
    ).toString();
    expect(accepts(twilio, { secret, body, headers: { ...form, "X-Twilio-Signature": signature } })).toBe(true);
    const signed = signRequest(twilio, { secret, body, url });
    expect(twilioLibrary.validateRequest(secret, signed.headers["x-twilio-signature"]!, url, fields)).toBe(true);
  });

  it.each([
    ["https://example.test/a", "https://example.test:443/a"],
    ["http://example.test/a?b=c:9", "http://example.test:80/a?b=c:9"],
    ["https://user:pass@example.test/a", "https://user:pass@example.test:443/a"],
    ["https://[2001:db8::1]/a", "https://[2001:db8::1]:443/a"],
  ])("is accepted at %s and at %s, whichever was signed", (plain, ported) => {
    for (const signedUrl of [plain, ported]) {
      const headers = { ...form, "X-Twilio-Signature": twilioLibrary.getExpectedTwilioSignature(secret, signedUrl, { a: "1" }) };
      for (const called of [plain, ported]) {
        expect(accepts(twilio, { secret, body: "a=1", url: called, headers })).toBe(true);
        expect(twilioLibrary.validateRequest(secret, headers["X-Twilio-Signature"], called, { a: "1" })).toBe(true);
      }
    }
  });

  it("is bound by the hash and not by its fields where the URL has a hash, as in the library", () => {
    const body = "a=1";
    const called = `${url}&bodySHA256=${twilioLibrary.getExpectedBodyHash(body)}`;
    const signedBy = (fields: Record<string, string>) => ({
      ...form,
      "X-Twilio-Signature": twilioLibrary.getExpectedTwilioSignature(secret, called, fields),
    });
    expect(accepts(twilio, { secret, body, url: called, headers: signedBy({}) })).toBe(true);
    expect(accepts(twilio, { secret, body, url: called, headers: signedBy({ a: "1" }) })).toBe(false);
    expect(accepts(twilio, { secret, body: "a=2", url: called, headers: signedBy({}) })).toBe(false);
  });
});
