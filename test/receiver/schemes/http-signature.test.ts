import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest, rawHeadersOf } from "../../../src/receiver/index.ts";
import { type HttpSignatureOptions, httpSignature } from "../../../src/receiver/schemes/http-signature.ts";
import { signatureBase } from "../../../src/receiver/schemes/signature-base.ts";
import { type InnerList, parseDictionary } from "../../../src/receiver/schemes/structured-fields.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";
import { recordedDocuments } from "../../../src/testing/recorded-documents.ts";

// RFC 9421, appendix B.1.
const rsaPss = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----`;
const ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----";
const ed25519Private =
  "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----";
const shared = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
const now = 1_618_884_473;
const body = Buffer.from('{"hello": "world"}');
const digest = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
const message = {
  Host: "example.com",
  Date: "Tue, 20 Apr 2021 02:07:55 GMT",
  "Content-Type": "application/json",
  "Content-Digest": digest,
  "Content-Length": "18",
};

// RFC 9421, appendix B.2. B.2.4 signs a response.
const published = {
  "sig-b21": [
    '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==",
  ],
  "sig-b22": [
    '("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"',
    "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==",
  ],
  "sig-b23": [
    '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
    "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==",
  ],
  "sig-b25": [
    '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=",
  ],
  "sig-b26": [
    '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
  ],
} as const;

type Label = keyof typeof published;

interface Parts {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: Buffer;
  readonly now?: number;
}

function requestOf(parts: Parts): ReceiverRequest {
  const { url = "https://example.com/foo?param=Value&Pet=dog", method = "POST", headers = {} } = parts;
  return new ReceiverRequest({ method, url, rawHeaders: rawHeadersOf({ ...message, ...headers }), body: parts.body ?? body });
}

/** The code of a refusal, or the position of the secret that matched. */
async function check(options: HttpSignatureOptions, secrets: readonly string[], parts: Parts): Promise<string | number> {
  const scheme = httpSignature(options);
  const keys = secrets.map((secret) => scheme.secret.parse(secret));
  expect(keys).not.toContain(undefined);
  const result = await verifyRequest(scheme, requestOf(parts), keys, { now: parts.now ?? now });
  return result.verified ? result.secretIndex : result.code;
}

function signed(label: Label, change: { input?: string; signature?: string } = {}): Record<string, string> {
  const [input, signature] = published[label];
  return { "Signature-Input": `${label}=${change.input ?? input}`, Signature: `${label}=:${change.signature ?? signature}:` };
}

const keyOf = (label: Label): Pick<HttpSignatureOptions, "algorithms" | "keyForm"> & { secret: string } =>
  label === "sig-b25"
    ? { algorithms: ["hmac-sha256"], keyForm: "base64", secret: shared }
    : label === "sig-b26"
      ? { algorithms: ["ed25519"], secret: ed25519 }
      : { algorithms: ["rsa-pss-sha512"], secret: rsaPss };

describe.each(Object.keys(published) as Label[])("the published signature %s", (label) => {
  const { secret, ...options } = keyOf(label);

  it("is accepted", async () => expect(await check({ ...options, components: [] }, [secret], { headers: signed(label) })).toBe(0));

  it("is refused with any parameter added to its input", async () => {
    const headers = signed(label, { input: `${published[label][0]};x` });
    expect(await check({ ...options, components: [] }, [secret], { headers })).toBe("signature_mismatch");
  });

  it("is refused where the receiver wants more to be covered", async () => {
    expect(await check({ ...options, components: ["@target-uri"] }, [secret], { headers: signed(label) })).toBe("signed_part_missing");
  });

  it("is refused before and after its time", async () => {
    const at = (time: number): Promise<string | number> =>
      check({ ...options, components: [] }, [secret], { headers: signed(label), now: time });
    expect(await at(now + 300)).toBe(0);
    expect(await at(now + 301)).toBe("timestamp_too_old");
    expect(await at(now - 61)).toBe("timestamp_in_future");
  });
});

describe("a covered part", () => {
  const options: HttpSignatureOptions = { algorithms: ["rsa-pss-sha512"], components: ["content-digest"] };
  const b23 = (parts: Parts): Promise<string | number> =>
    check(options, [rsaPss], { ...parts, headers: { ...signed("sig-b23"), ...parts.headers } });

  it.each<[string, Parts, string]>([
    ["the body", { body: Buffer.from("{}") }, "body_hash_mismatch"],
    ["the method", { method: "PUT" }, "signature_mismatch"],
    ["the path", { url: "https://example.com/fo?param=Value&Pet=dog" }, "signature_mismatch"],
    ["the query", { url: "https://example.com/foo?param=Value&Pet=cat" }, "signature_mismatch"],
    ["the host", { url: "https://example.org/foo?param=Value&Pet=dog" }, "signature_mismatch"],
    ["a header", { headers: { Date: "Tue, 20 Apr 2021 02:07:56 GMT" } }, "signature_mismatch"],
    ["a repeated header", { headers: { Date: [message.Date, message.Date] } }, "signature_mismatch"],
    ["a missing header", { headers: { Date: undefined } }, "signed_part_missing"],
    ["a repeated digest", { headers: { "Content-Digest": [digest, digest] } }, "signed_part_missing"],
  ])("is noticed when it changes: %s", async (_part, parts, code) => expect(await b23(parts)).toBe(code));

  it("may change where it is not covered", async () => expect(await b23({ headers: { "X-Other": "1" } })).toBe(0));

  it("binds the body where it is the digest, even if the receiver does not ask for it", () => {
    const bound = (label: Label): unknown => {
      const { secret, ...rest } = keyOf(label);
      const scheme = httpSignature({ ...rest, components: [] });
      return scheme.verify(requestOf({ headers: signed(label) }), [scheme.secret.parse(secret) as KeyObject], { now });
    };
    expect(bound("sig-b23")).toMatchObject({ bodyBound: true });
    expect(bound("sig-b26")).toMatchObject({ bodyBound: false });
  });
});

describe("the signature base", () => {
  const base = (input: string, url: string, headers = {}): string | undefined => {
    const list = parseDictionary(`s=${input}`)?.get("s") as InnerList;
    const result = signatureBase(requestOf({ url, headers }), list);
    return Buffer.isBuffer(result) ? result.toString("latin1").split("\n").slice(0, -1).join("\n") : result.code;
  };

  it("derives components as RFC 9421, section 2.2, does", () => {
    const url = "https://WWW.example.com:443/path?param=value";
    expect(base('("@authority" "@scheme" "@path" "@query" "@request-target")', url)).toBe(
      '"@authority": www.example.com\n"@scheme": https\n"@path": /path\n"@query": ?param=value\n"@request-target": /path?param=value',
    );
    expect(base('("@target-uri")', "https://example.com/a?b=c")).toBe('"@target-uri": https://example.com/a?b=c');
    expect(base('("@query")', "https://example.com/path")).toBe('"@query": ?');
    expect(base('("@path")', "https://example.com")).toBe('"@path": /');
  });

  it("writes query parameters anew, as in the examples of section 2.2.8", () => {
    const url =
      "https://example.com/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something&qux=&a=1&a=2";
    expect(base('("@query-param";name="var")', url)).toBe('"@query-param";name="var": this%20is%20a%20big%0Amultiline%20value');
    expect(base('("@query-param";name="bar")', url)).toBe('"@query-param";name="bar": with%20plus%20whitespace');
    expect(base('("@query-param";name="fa%C3%A7ade%22%3A%20")', url)).toBe('"@query-param";name="fa%C3%A7ade%22%3A%20": something');
    expect(base('("@query-param";name="qux")', url)).toBe('"@query-param";name="qux": ');
    expect(base('("@query-param";name="a")', url)).toBe("signed_part_missing");
    expect(base('("@query-param";name="none")', url)).toBe("signed_part_missing");
    expect(base('("@query-param")', url)).toBe("signature_malformed");
  });

  it("joins header lines and trims them", () => {
    expect(
      base('("cache-control" "x-empty")', "https://example.com/", { "Cache-Control": [" max-age=60", "must-revalidate  "], "X-Empty": "" }),
    ).toBe('"cache-control": max-age=60, must-revalidate\n"x-empty": ');
  });

  it.each([
    '("@status")',
    '("@method";req)',
    '("date";sf)',
    '("date";bs)',
    '("date";tr)',
    '("Date")',
    '("date" "date")',
    "(date)",
    '("a b")',
    '("@unknown")',
  ])("refuses %s", (input) => expect(base(input, "https://example.com/")).toBe("signature_malformed"));

  it("refuses a line break in a header", () => {
    expect(base('("x-a")', "https://example.com/", { "X-A": 'a\n"@method": GET' })).toBe("signature_malformed");
  });
});

describe("the headers of a signature", () => {
  const options: HttpSignatureOptions = { algorithms: ["ed25519"], components: [] };
  const b26 = signed("sig-b26");
  const refused = (
    headers: Record<string, string | string[] | undefined>,
    change: Partial<HttpSignatureOptions> = {},
  ): Promise<string | number> => check({ ...options, ...change }, [ed25519], { headers: { ...b26, ...headers } });

  it("must both be there, once", async () => {
    expect(await refused({ Signature: undefined })).toBe("signature_missing");
    expect(await refused({ Signature: "" })).toBe("signature_missing");
    expect(await refused({ "Signature-Input": undefined })).toBe("signature_missing");
    expect(await refused({ Signature: [b26["Signature"] ?? "", b26["Signature"] ?? ""] })).toBe("signature_repeated");
    expect(await refused({ "Signature-Input": [b26["Signature-Input"] ?? "", "x=()"] })).toBe("signature_repeated");
  });

  it("must have the form of RFC 9421", async () => {
    expect(await refused({ Signature: "sig-b26=abc" })).toBe("signature_malformed");
    expect(await refused({ Signature: "other=:AA==:" })).toBe("signature_malformed");
    expect(await refused({ "Signature-Input": "sig-b26=1" })).toBe("signature_malformed");
    expect(await refused({ "Signature-Input": "((" })).toBe("signature_malformed");
  });

  it("may hold several signatures if a label or tag chooses one", async () => {
    const [input] = published["sig-b26"];
    const two = { "Signature-Input": `proxy=();created=1, sig-b26=${input}`, Signature: `proxy=:AA==:, ${b26["Signature"]}` };
    expect(await refused(two)).toBe("signature_malformed");
    expect(await refused(two, { label: "sig-b26" })).toBe(0);
    expect(await refused(two, { label: "none" })).toBe("signature_missing");
    expect(await refused({}, { tag: "x" })).toBe("signature_missing");
    const tagged = { "Signature-Input": `proxy=();created=1;tag="x", sig-b26=${input}`, Signature: two.Signature };
    expect(await refused(tagged, { tag: "x" })).toBe("timestamp_too_old");
  });

  it("must name no other algorithm, and a time", async () => {
    const [input] = published["sig-b26"];
    const withInput = (text: string, change: Partial<HttpSignatureOptions> = {}): Promise<string | number> =>
      refused({ "Signature-Input": `sig-b26=${text}` }, change);
    expect(await withInput(`${input};alg="hmac-sha256"`)).toBe("signature_malformed");
    expect(await withInput(`${input};expires=${now - 1}`)).toBe("token_expired");
    expect(await withInput(`${input};expires="x"`)).toBe("timestamp_malformed");
    expect(await withInput("()")).toBe("signed_part_missing");
    expect(await withInput('();created="1618884473"')).toBe("timestamp_malformed");
    expect(await withInput("();created=-5")).toBe("timestamp_malformed");
    expect(await withInput("()", { tolerance: "unchecked" })).toBe("signature_mismatch");
  });
});

describe("keys", () => {
  it("are tried in order", async () => {
    const other = generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" }).toString();
    const options: HttpSignatureOptions = { algorithms: ["ed25519"], components: [] };
    expect(await check(options, [other, ed25519], { headers: signed("sig-b26") })).toBe(1);
    expect(await check(options, [other], { headers: signed("sig-b26") })).toBe("signature_mismatch");
  });

  it("have the form that the algorithms take", () => {
    const { secret } = httpSignature({ algorithms: ["ed25519"], components: [] });
    const raw = Buffer.from("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=", "base64");
    for (const text of [
      ed25519,
      raw.toString("hex"),
      raw.toString("base64"),
      "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=",
    ])
      expect(secret.parse(text)).toBeDefined();
    for (const text of [rsaPss, ed25519Private, "", "abc", `${raw.toString("hex")}00`, "AAAA"]) expect(secret.parse(text)).toBeUndefined();
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "pem", type: "spki" }).toString();
    expect(httpSignature({ algorithms: ["rsa-v1_5-sha256"], components: [] }).secret.parse(weak)).toBeUndefined();
  });

  it("are never shared and public at once", () => {
    expect(() => httpSignature({ algorithms: ["hmac-sha256", "ed25519"], components: [] })).toThrow(TypeError);
    expect(() => httpSignature({ algorithms: [], components: [] })).toThrow(TypeError);
  });

  it("that fit two algorithms need a message that says which", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = (key: KeyObject): string => key.export({ format: "pem", type: key.type === "private" ? "pkcs8" : "spki" }).toString();
    const options: HttpSignatureOptions = { algorithms: ["rsa-pss-sha512", "rsa-v1_5-sha256"], components: ["@method"] };
    const headers = httpSignature(options).sign!(requestOf({}), pem(privateKey), { now }).headers;
    expect(await check(options, [pem(publicKey)], { headers })).toBe(0);
    const silent = { ...headers, "Signature-Input": headers["Signature-Input"]!.replace(/;alg="[^"]*"/, "") };
    expect(await check(options, [pem(publicKey)], { headers: silent })).toBe("signature_mismatch");
  });
});

describe("keys of a key set", () => {
  const options: HttpSignatureOptions = { algorithms: ["ed25519"], components: [], keys: { jwks: "https://keys.example.test/jwks" } };
  const jwk = { kty: "OKP", crv: "Ed25519", kid: "test-key-ed25519", x: "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs" };
  const judge = async (keys: readonly unknown[], headers = signed("sig-b26")): Promise<string | number> => {
    const remote = recordedDocuments({ "https://keys.example.test/jwks": JSON.stringify({ keys }) });
    const result = await verifyRequest(httpSignature(options), requestOf({ headers }), ["published"], { now, remote });
    return result.verified ? result.secretIndex : result.code;
  };

  it("are found by the id that the message names, among others", async () => {
    expect(await judge([null, { kty: "x", kid: "test-key-ed25519" }, { kty: "oct", kid: "test-key-ed25519", k: "AA" }, jwk])).toBe(0);
  });

  it("are unknown under another id, for another use, or without one", async () => {
    expect(await judge([{ ...jwk, kid: "other" }])).toBe("key_unknown");
    expect(await judge([{ ...jwk, use: "enc" }])).toBe("key_unknown");
    expect(await judge([jwk], signed("sig-b26", { input: "();created=1618884473" }))).toBe("key_unknown");
  });

  it("leave the request unjudged where they cannot be had", async () => {
    const request = requestOf({ headers: signed("sig-b26") });
    const judged = Promise.resolve(verifyRequest(httpSignature(options), request, ["published"], { now, remote: recordedDocuments({}) }));
    await expect(judged).rejects.toMatchObject({ code: "keys_unavailable" });
    expect(await verifyRequest(httpSignature(options), request, ["published"], { now })).toMatchObject({ code: "verification_failed" });
  });

  it("are not asked for before the rest holds", async () => {
    const remote = { load: () => Promise.reject(new Error("asked")) };
    const request = requestOf({ headers: signed("sig-b26") });
    expect(await verifyRequest(httpSignature(options), request, ["published"], { now: now + 301, remote })).toMatchObject({
      code: "timestamp_too_old",
    });
  });

  it("need no secret but the word `published`", () => {
    const { secret } = httpSignature(options);
    expect(secret.parse("published")).toBe("published");
    expect(secret.parse("Published")).toBeUndefined();
  });
});

describe("sign", () => {
  it("makes the published signature", () => {
    const options: HttpSignatureOptions = {
      algorithms: ["ed25519"],
      components: ["date", "@method", "@path", "@authority", "content-type", "content-length"],
      keyId: "test-key-ed25519",
    };
    const headers = httpSignature(options).sign!(requestOf({}), ed25519Private, { now }).headers;
    expect(headers["Signature-Input"]).toBe(`sig1=${published["sig-b26"][0]};alg="ed25519"`);
  });

  it.each<[HttpSignatureOptions, string, string]>([
    [
      { algorithms: ["ed25519"], components: ["@method", "@target-uri", "content-digest"], tag: "app", label: "x" },
      ed25519Private,
      ed25519,
    ],
    [{ algorithms: ["hmac-sha256"], components: ["@request-target", "content-digest"] }, "a shared secret", "a shared secret"],
  ])("makes what verify accepts: case %#", async (options, privateKey, secret) => {
    const bare = requestOf({ headers: { "Content-Digest": undefined } });
    const { headers } = httpSignature(options).sign!(bare, privateKey, { now });
    expect(await check(options, [secret], { headers })).toBe(0);
    expect(await check(options, [secret], { headers, body: Buffer.from("x") })).toBe("body_hash_mismatch");
    expect(await check(options, [secret], { headers, url: "https://example.com/foo" })).toBe("signature_mismatch");
  });

  it.each<[HttpSignatureOptions["algorithms"][number], "rsa" | "ec", string]>([
    ["rsa-v1_5-sha256", "rsa", ""],
    ["rsa-pss-sha512", "rsa", ""],
    ["ecdsa-p256-sha256", "ec", "P-256"],
    ["ecdsa-p384-sha384", "ec", "P-384"],
  ])("knows %s", async (algorithm, kind, namedCurve) => {
    const pair = kind === "ec" ? generateKeyPairSync("ec", { namedCurve }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
    const given: HttpSignatureOptions = { algorithms: [algorithm], components: ["@target-uri"] };
    const { headers } = httpSignature(given).sign!(requestOf({}), pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString(), {
      now,
    });
    const secret = pair.publicKey.export({ format: "pem", type: "spki" }).toString();
    expect(await check(given, [secret], { headers })).toBe(0);
    expect(await check(given, [secret], { headers, url: "https://example.com/" })).toBe("signature_mismatch");
    expect(() => httpSignature(given).sign!(requestOf({}), ed25519Private, { now })).toThrow(TypeError);
  });

  it("says what the proof covers", () => {
    expect(httpSignature({ algorithms: ["ed25519"], components: ["@authority", "@path", "@query", "content-digest"] })).toMatchObject({
      bodyBound: true,
      signsUrl: true,
      signsPath: true,
      proofHeaders: ["signature", "signature-input", "content-digest"],
      toleranceSeconds: 300,
    });
    expect(httpSignature({ algorithms: ["ed25519"], components: ["@path"], tolerance: "unchecked" })).toMatchObject({
      bodyBound: false,
      signsUrl: false,
      signsPath: false,
      toleranceSeconds: undefined,
    });
  });
});
