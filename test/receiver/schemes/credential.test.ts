import { describe, expect, it } from "@jest/globals";
import { type CredentialKind, type CredentialOptions, credential, ReceiverRequest } from "../../../src/receiver/index.ts";

const secret = "user:12345678901234567890";
const basicValue = `Basic ${Buffer.from(secret).toString("base64")}`;

function check(kind: CredentialKind, rawHeaders: readonly string[], options?: CredentialOptions): string | number {
  const scheme = credential(kind, options);
  const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders });
  const result = scheme.verify(request, [Buffer.from(secret)], { now: 0 });
  return result.verified ? result.secretIndex : result.code;
}

describe("credentials", () => {
  it.each<[CredentialKind, CredentialOptions | undefined, string, string]>([
    ["header", { header: "X-Secret" }, "X-Secret", secret],
    ["header", undefined, "Authorization", secret],
    ["bearer", undefined, "Authorization", `Bearer ${secret}`],
    ["bearer", { header: "X-Secret" }, "Authorization", `Bearer ${secret}`],
    ["basic", { header: "X-Secret" }, "Authorization", basicValue],
  ])("of the kind %s with %j stand in %s", (kind, options, header, value) => {
    expect(check(kind, [header, value], options)).toBe(0);
    expect(check(kind, [], options)).toBe("signature_missing");
    expect(check(kind, [header, `${value}=`], options)).not.toBe(0);
  });

  it("of one kind are never taken for those of another", () => {
    expect(check("bearer", ["Authorization", basicValue])).toBe("signature_malformed");
    expect(check("bearer", ["Authorization", secret])).toBe("signature_malformed");
    expect(check("basic", ["Authorization", `Bearer ${secret}`])).toBe("signature_malformed");
    expect(check("header", ["Authorization", `Bearer ${secret}`])).toBe("token_mismatch");
    expect(check("header", ["Authorization", secret], { header: "X-Secret" })).toBe("signature_missing");
  });

  it("say nothing about the body", () => {
    for (const kind of ["header", "bearer", "basic"] as const)
      expect(credential(kind)).toMatchObject({ bodyBound: false, proofIsSecret: true, proofHeaders: ["authorization"] });
  });
});
