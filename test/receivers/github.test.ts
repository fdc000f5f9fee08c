import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { github } from "../../receivers/github.ts";
import { ReceiverRequest, rawHeadersOf, type Verification } from "../../src/receiver/index.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";

const secret = "12345678901234567890123456789012";
const body = Buffer.from('{ "key": "value" }');
const sha1 = `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`;
const sha256 = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

function check(receiver: typeof github, headers: Record<string, string>): string | true {
  const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: rawHeadersOf(headers), body });
  const result = verifyRequest(receiver.verify, request, [receiver.verify.secret.parse(secret)], { now: 0 }) as Verification;
  return result.verified || result.code;
}

describe("a SHA-1 signature", () => {
  const legacy = github.configure({ legacySha1: true });

  it("proves something only where the setting says so", () => {
    expect(check(github, { "X-Hub-Signature": sha1 })).toBe("signature_missing");
    expect(check(legacy, { "X-Hub-Signature": sha1 })).toBe(true);
  });

  it("is never looked at beside a SHA-256 signature", () => {
    expect(check(legacy, { "X-Hub-Signature": sha1, "X-Hub-Signature-256": sha256 })).toBe(true);
    expect(check(legacy, { "X-Hub-Signature": "sha1=00", "X-Hub-Signature-256": sha256 })).toBe(true);
    expect(check(legacy, { "X-Hub-Signature": sha1, "X-Hub-Signature-256": sha256.replace(/.$/, "x") })).toBe("signature_malformed");
    expect(check(legacy, { "X-Hub-Signature": sha1, "X-Hub-Signature-256": `sha256=${"0".repeat(64)}` })).toBe("signature_mismatch");
  });
});
