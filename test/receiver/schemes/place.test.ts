import { describe, expect, it } from "@jest/globals";
import { hmac, type Place, plainDigest, ReceiverRequest, readPlace } from "../../../src/receiver/index.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";

const json = ["Content-Type", "application/json"];

function request(rawHeaders: readonly string[], body = "", query = ""): ReceiverRequest {
  return new ReceiverRequest({ method: "POST", url: `https://example.test/hook${query}`, rawHeaders, body: Buffer.from(body) });
}

describe("readPlace", () => {
  it.each<[string, Place, ReceiverRequest, readonly string[]]>([
    ["a header", { header: "X-Sig" }, request(["x-sig", "a"]), ["a"]],
    ["a repeated header", { header: "X-Sig" }, request(["x-sig", "a", "X-SIG", "b"]), ["a", "b"]],
    [
      "numbered headers",
      { header: "X-Sig-*" },
      request(["X-Sig-1", "a", "x-sig-2", "b", "X-Sig-Key", "c", "X-Sig-", "d", "X-Sig-1000", "e"]),
      ["a", "b"],
    ],
    ["a parameter", { query: "sig" }, request([], "", "?sig=a%20b"), ["a b"]],
    ["an empty value", { query: "sig" }, request([], "", "?sig="), []],
    ["a path in JSON", { body: "a.b" }, request(json, '{"a":{"b":"c"}}'), ["c"]],
    ["every item of a list", { body: "*.t" }, request(json, '[{"t":1},{"t":true},{"t":null}]'), ["1", "true"]],
    [
      "a field of a form",
      { body: "sig" },
      request(["content-type", "application/x-www-form-urlencoded; charset=utf-8"], "sig=a%2Bb"),
      ["a+b"],
    ],
    [
      "a field of a multipart form",
      { body: "sig" },
      request(["content-type", "multipart/form-data; boundary=b"], '--b\r\nContent-Disposition: form-data; name="sig"\r\n\r\nv\r\n--b--'),
      ["v"],
    ],
    ["a body that does not parse", { body: "sig" }, request(json, "{"), []],
    ["a body that could change a prototype", { body: "sig" }, request(json, '{"sig":"a","__proto__":{}}'), []],
    ["a body nested too deep", { body: "sig" }, request(json, `{"sig":"a","deep":${"[".repeat(60)}${"]".repeat(60)}}`), []],
    ["an inherited member", { body: "toString" }, request(json, "{}"), []],
  ])("reads %s", (_name, place, from, values) => expect(readPlace(from, place)).toEqual(values));
});

describe("hmac", () => {
  const key = Buffer.from("a key of some length");
  const signed = hmac({ header: ["X-New", "X-Old"] });
  const { headers } = signed.sign?.(request(json, "body"), key.toString(), { now: 0 }) ?? { headers: {} };
  const right = headers["X-New"] ?? "";
  const wrong = "0".repeat(64);
  const check = (rawHeaders: readonly string[]): string => {
    const result = verifyRequest(signed, request(rawHeaders, "body"), [key], { now: 0 });
    return result.verified ? "verified" : result.code;
  };

  it("takes any of several headers, and each of them once", () => {
    expect(check(["X-New", right])).toBe("verified");
    expect(check(["X-Old", right])).toBe("verified");
    expect(check(["X-New", wrong, "X-Old", right])).toBe("verified");
    expect(check(["X-New", wrong])).toBe("signature_mismatch");
    expect(check(["X-Old", right, "X-Old", right])).toBe("signature_repeated");
    expect(check([])).toBe("signature_missing");
  });

  it.each([
    ["{method} {path}", "POST /hook?a=B"],
    ["{pathname}|{query}", "/hook|a=B"],
    ["{url}{body}", "https://example.test/hook?a=Bbody"],
    ["{query:a}{query:none?}", "B"],
    ["{query:a|lower}", "b"],
    ["{header:x-part}{header:x-none?}", "part"],
    ["{body:sha256}", "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"],
    ["{body:crc32}", "3685223346"],
  ])("signs %s as %j", (template, text) => {
    const scheme = hmac({ header: "s", signed: template });
    const expected = hmac({ header: "s", signed: text });
    const parts = request(["x-part", "part"], "body", "?a=B");
    expect(scheme.sign?.(parts, key.toString(), { now: 0 })).toEqual(expected.sign?.(parts, key.toString(), { now: 0 }));
  });

  it("misses a part that is not optional", () => {
    const scheme = hmac({ header: "s", signed: "{query:none}{body}" });
    expect(verifyRequest(scheme, request(["s", wrong], "body"), [key], { now: 0 })).toMatchObject({ code: "signed_part_missing" });
  });

  it("signs into a parameter and into a body, and finds its signature there", () => {
    const inQuery = hmac({ from: { query: "sig" }, encoding: "base64url" });
    const url = inQuery.sign?.(request(json, "body"), key.toString(), { now: 0 }).url ?? "";
    expect(verifyRequest(inQuery, request(json, "body", url.slice(url.indexOf("?"))), [key], { now: 0 })).toMatchObject({ verified: true });
    const inBody = hmac({ from: { body: "proof.sig" }, signed: "{field:id}" });
    const body = inBody.sign?.(request(json, '{"id":7}'), key.toString(), { now: 0 }).body?.toString() ?? "";
    expect(JSON.parse(body)).toMatchObject({ id: 7, proof: { sig: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    expect(verifyRequest(inBody, request(json, body), [key], { now: 0 })).toMatchObject({ verified: true });
    expect(inBody.bodyBound).toBe(false);
  });

  it("makes a key of the configured one and the time", () => {
    const scheme = hmac({
      header: "s",
      timestampHeader: "t",
      signed: "{timestamp}{body}",
      keyFor: (one, _request, time) => Buffer.concat([Buffer.from(time), one]),
    });
    const { headers: both } = scheme.sign?.(request(json, "body"), key.toString(), { now: 5 }) ?? { headers: {} };
    const plain = hmac({ header: "s", signed: "5{body}" }).sign?.(request(json, "body"), `5${key}`, { now: 5 });
    expect(both).toEqual({ ...plain?.headers, t: "5" });
  });
});

describe("plainDigest", () => {
  it("hashes the secret where the template says", () => {
    const scheme = plainDigest({ header: "s", hash: "md5", signed: "{secret}{body}" });
    const right = request(["s", "e0fd3d3d1a4b1c8b8c5bbb9a1c1b6f0d"], "body");
    expect(verifyRequest(scheme, right, [Buffer.from("key")], { now: 0 })).toMatchObject({ code: "signature_mismatch" });
    // printf 'keybody' | md5sum
    const { headers } = scheme.sign?.(right, "key", { now: 0 }) ?? { headers: {} };
    expect(headers).toEqual({ s: "3224f3d7393556865c93e1b05a86b139" });
  });
});
