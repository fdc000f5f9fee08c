import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { braintree } from "../../receivers/braintree.ts";
import { lark } from "../../receivers/lark.ts";
import { smartcar } from "../../receivers/smartcar.ts";
import { encryptCbc, type HandshakeOutcome, type Receiver, ReceiverRequest } from "../../src/receiver/index.ts";

const secret = "12345678901234567890123456789012";

function answerOf(receiver: Receiver, body: string, query = "", configured = secret): HandshakeOutcome {
  const method = query === "" ? "POST" : "GET";
  const request = new ReceiverRequest({
    method,
    url: `https://example.test/${query}`,
    rawHeaders: ["content-type", "application/json"],
    body: Buffer.from(body),
    bodyRule: receiver.body,
  });
  const keys = [receiver.verify.secret.parse(configured)];
  const answers = receiver.handshakes.map((one) => (one.proof === "none" && one.method === method ? one.answer(request, keys) : undefined));
  return answers.find((answer) => answer !== undefined);
}

describe("Lark's check of the URL", () => {
  const encrypted = (data: unknown): string => {
    const key = createHash("sha256").update(secret).digest();
    const bytes = encryptCbc(Buffer.from(JSON.stringify(data)), { key, iv: "ciphertext" }, Buffer.alloc(16, 7));
    return JSON.stringify({ encrypt: bytes.toString("base64") });
  };

  it.each(["ajls384kdjx98XX", "1b6aef1a-401f-406a-be41-f48911eabcef"])("is answered with the challenge %s", (challenge) => {
    expect(answerOf(lark, encrypted({ type: "url_verification", challenge }))).toMatchObject({ body: JSON.stringify({ challenge }) });
  });

  it.each(['{"open_id":"ou_1"}', "two words", "", 7, undefined])("shows nobody the content %j", (challenge) => {
    expect(answerOf(lark, encrypted({ type: "url_verification", challenge }))).toBeUndefined();
  });
});

describe("Smartcar's challenge", () => {
  it.each(['{"eventType":"VEHICLE_STATE"}', "123456789", "short", "a\nb-cdefgh"])("is not %j, which would sign a body", (challenge) => {
    expect(answerOf(smartcar, JSON.stringify({ eventType: "VERIFY", data: { challenge } }))).toBe("malformed");
  });
});

describe("Braintree's challenge", () => {
  const pair = `public_key_123:${secret}`;

  it("is 20 to 32 hexadecimal digits", () => {
    expect(answerOf(braintree, "", `?bt_challenge=${"a1".repeat(10)}`, pair)).toMatchObject({ status: 200 });
    expect(answerOf(braintree, "", `?bt_challenge=${Buffer.from("<notification/>").toString("base64")}`, pair)).toBe("malformed");
  });
});
