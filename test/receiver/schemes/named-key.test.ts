import { describe, expect, it } from "@jest/globals";
import { hmac, namedKey, ReceiverRequest } from "../../../src/receiver/index.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";

const scheme = namedKey(hmac({ header: "X-Sig" }), { from: { header: "X-Key" } });
const bare = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders: [], body: Buffer.from("{}") });
const keys = ["one:first secret", "two:second secret", "two:third secret"].map((text) => scheme.secret.parse(text));

function check(headers: Readonly<Record<string, string>>, more: readonly string[] = []): string | number {
  const request = bare.with({ rawHeaders: [...Object.entries(headers).flat(), ...more] });
  const result = verifyRequest(scheme, request, keys, { now: 0 });
  return result.verified ? result.secretIndex : result.code;
}

const signed = (text: string) => scheme.sign?.(bare, text, { now: 0 }).headers ?? {};

describe("namedKey", () => {
  it("tries the keys of the name in the request, and tells their place in the whole list", () => {
    expect(check(signed("one:first secret"))).toBe(0);
    expect(check(signed("two:third secret"))).toBe(2);
  });

  it("tries no key of another name", () => expect(check({ ...signed("one:first secret"), "X-Key": "two" })).toBe("signature_mismatch"));

  it("says that a name is unknown, missing or repeated", () => {
    expect(check({ ...signed("one:first secret"), "X-Key": "three" })).toBe("key_unknown");
    expect(check({ ...signed("one:first secret"), "X-Key": "" })).toBe("signed_part_missing");
    expect(check(signed("one:first secret"), ["X-Key", "one"])).toBe("signed_part_missing");
    expect(check({ "X-Key": "one" })).toBe("signature_missing");
  });

  it("takes secrets with a name only, and counts the secret alone", () => {
    expect(scheme.secret.parse("no name")).toBeUndefined();
    expect(scheme.secret.parse(":secret")).toBeUndefined();
    expect(scheme.secret.parse("name:")).toBeUndefined();
    expect(scheme.secret.parse("a:b:c")).toEqual({ keyName: "a", key: Buffer.from("b:c") });
    expect(scheme.secret.byteLength("name:secret")).toBe(6);
  });
});
