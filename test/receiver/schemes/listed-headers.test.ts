import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { listedHeaders, ReceiverRequest } from "../../../src/receiver/index.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";

const key = Buffer.from("a secret of some length");
const body = Buffer.from('{"a":1}');
const mac = (text: string) => createHmac("sha256", key).update(text).update(body).digest("hex");
const v0 = mac("1700000000.");
const v1 = mac("1700000000.x-event x-id.paid.7.");

function check(signature: string, rawHeaders: readonly string[] = ["X-Event", "paid", "X-Id", "7"]): string {
  const request = new ReceiverRequest({
    method: "POST",
    url: "https://example.test/",
    rawHeaders: ["X-Sig", signature, ...rawHeaders],
    body,
  });
  const result = verifyRequest(listedHeaders({ header: "X-Sig" }), request, [key], { now: 1_700_000_000 });
  return result.verified ? "verified" : result.code;
}

describe("listedHeaders", () => {
  it("verifies time, listed headers and body, or time and body", () => {
    expect(check(`t=1700000000,h=x-event x-id,v1=${v1}`)).toBe("verified");
    expect(check(`t=1700000000,h=X-Event X-Id,v1=${v1}`)).toBe("verified");
    expect(check(`t=1700000000,v0=${v0}`)).toBe("verified");
  });

  it("never makes a wrong `v1` good by a right `v0`", () => {
    expect(check(`t=1700000000,h=x-event x-id,v0=${v0},v1=${"0".repeat(64)}`)).toBe("signature_mismatch");
    expect(check(`t=1700000000,v0=${v0},v1=${v1}`)).toBe("signature_malformed");
  });

  it("refuses a listed header that was changed, is missing or repeated, and a list that is too long or given twice", () => {
    const signature = `t=1700000000,h=x-event x-id,v1=${v1}`;
    expect(check(signature, ["X-Event", "voided", "X-Id", "7"])).toBe("signature_mismatch");
    expect(check(signature, ["X-Event", "paid"])).toBe("signed_part_missing");
    expect(check(signature, ["X-Event", "paid", "X-Id", "7", "x-id", "7"])).toBe("signed_part_missing");
    expect(check(`${signature},h=x-event`)).toBe("signature_malformed");
    expect(check(`t=1700000000,h=${"x ".repeat(40)},v1=${v1}`)).toBe("signature_malformed");
  });
});
