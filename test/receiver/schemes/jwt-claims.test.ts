import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { failed } from "../../../src/receiver/index.ts";
import { type JwtOptions, jwt } from "../../../src/receiver/schemes/jwt.ts";
import { jwtClaims } from "../../../src/receiver/schemes/jwt-claims.ts";
import { body, check, now, secret, segment, shared, token, url } from "./jwt-fixture.ts";

describe("claims", () => {
  it.each<[string, Partial<JwtOptions>, object, string | number]>([
    ["the issuer", { issuer: "a" }, { iss: "a" }, 0],
    ["one of the issuers", { issuer: ["b", "a"] }, { iss: "a" }, 0],
    ["an issuer by rule", { issuer: (issuer) => issuer.endsWith("/tenant") }, { iss: "https://x/tenant" }, 0],
    ["another issuer by rule", { issuer: (issuer) => issuer.endsWith("/tenant") }, { iss: "https://x/" }, "claim_mismatch"],
    ["another issuer", { issuer: "a" }, { iss: "A" }, "claim_mismatch"],
    ["issuers in a list", { issuer: "a" }, { iss: ["a"] }, "claim_mismatch"],
    ["no issuer", { issuer: "a" }, {}, "claim_mismatch"],
    ["no issuer for the rule", { issuer: () => true }, {}, "claim_mismatch"],
    ["the audience", { audience: "a" }, { aud: "a" }, 0],
    ["the audience in a list", { audience: "a" }, { aud: ["b", "a"] }, 0],
    ["one of the audiences", { audience: ["a", "b"] }, { aud: "b" }, 0],
    ["another audience", { audience: "a" }, { aud: ["b", 1, null] }, "claim_mismatch"],
    ["no audience", { audience: "a" }, {}, "claim_mismatch"],
    ["no audience that could be meant", { audience: [] }, { aud: "a" }, "claim_mismatch"],
    ["no expiry", {}, { exp: undefined }, "claim_mismatch"],
    ["no expiry where none is needed", { requireExpiry: false }, { exp: undefined }, 0],
    ["an expiry just within the skew", {}, { exp: now - 59 }, 0],
    ["an expiry just past the skew", {}, { exp: now - 60 }, "token_expired"],
    ["an expiry just past a smaller skew", { clockSkewSeconds: 1 }, { exp: now - 1 }, "token_expired"],
    ["a start within the skew", {}, { nbf: now + 60 }, 0],
    ["a start later", {}, { nbf: now + 61 }, "token_expired"],
    ["a time of issue at the limit", { maxAgeSeconds: 300 }, { iat: now - 300, exp: undefined }, 0],
    ["a time of issue before", { maxAgeSeconds: 300 }, { iat: now - 301 }, "timestamp_too_old"],
    ["a time of issue ahead", { maxAgeSeconds: 300 }, { iat: now + 61 }, "timestamp_in_future"],
    ["no time of issue", { maxAgeSeconds: 300 }, {}, "timestamp_malformed"],
    ["the URL", { urlClaim: "sub" }, { sub: url }, 0],
    ["the URL in a list", { urlClaim: "aud" }, { aud: [url] }, 0],
    ["another URL", { urlClaim: "sub" }, { sub: `${url}2` }, "claim_mismatch"],
    ["no URL", { urlClaim: "sub" }, {}, "claim_mismatch"],
    ["a hash of the URL", { urlClaim: { claim: "h" } }, { h: createHash("sha256").update(url).digest("hex") }, 0],
    ["another hash of a URL", { urlClaim: { claim: "h" } }, { h: createHash("sha256").update("").digest("hex") }, "claim_mismatch"],
    ["what a check wants", { check: ({ a }) => (a === 1 ? undefined : failed("claim_mismatch", "a")) }, { a: 1 }, 0],
    ["not what a check wants", { check: ({ a }) => (a === 1 ? undefined : failed("claim_mismatch", "a")) }, {}, "claim_mismatch"],
  ])("with %s", async (_name, rules, claims, expected) => {
    expect(await check({ ...shared, ...rules }, await token(claims))).toBe(expected);
  });

  it.each(["exp", "nbf"])("with a %s that is no number are refused", async (name) => {
    for (const value of [String(now), null, {}, true]) {
      const text = await token({});
      const [header = ""] = text.split(".");
      const payload = segment({ exp: now + 60, [name]: value });
      const signature = createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url");
      expect(await check(shared, `${header}.${payload}.${signature}`)).toBe("claim_mismatch");
    }
  });

  it("may be older where the user says so", async () => {
    const options: JwtOptions = { ...shared, maxAgeSeconds: 300 };
    expect(jwt(options).toleranceSeconds).toBe(300);
    expect(await check(options, await token({ iat: now - 500 }), { toleranceSeconds: 600 })).toBe(0);
    expect(await check(options, await token({ iat: now + 20 }), { toleranceSeconds: 10 })).toBe("timestamp_in_future");
  });

  it("are read after the signature alone", async () =>
    expect(await check({ ...shared, issuer: "a" }, await token({ iss: "b" }, { alg: "HS256" }, "another secret"))).toBe(
      "signature_mismatch",
    ));
});

describe("a hash of the body", () => {
  it.each([
    ["hex", "sha256"],
    ["base64", "sha256"],
    ["base64url", "sha512"],
  ] as const)("in %s of %s binds it", async (encoding, hash) => {
    const options: JwtOptions = { ...shared, bodyHash: { claim: "h", encoding, hash } };
    const text = await token({ h: createHash(hash).update(body).digest(encoding), exp: undefined });
    expect(jwt(options).bodyBound).toBe(true);
    expect(await check(options, text)).toBe(0);
    for (const changed of [Buffer.from('{"a":2}'), Buffer.from('{"a":1} '), Buffer.alloc(0)])
      expect(await check(options, text, { body: changed })).toBe("body_hash_mismatch");
  });

  it("is read in base64url with padding too, and nothing else", async () => {
    const options: JwtOptions = { ...shared, bodyHash: { claim: "h", encoding: "base64url" } };
    const h = createHash("sha256").update(body).digest("base64url");
    expect(await check(options, await token({ h: `${h}=` }))).toBe(0);
    for (const other of [`${h}==`, ` ${h}`, "", 1, [h], {}, undefined])
      expect(await check(options, await token({ h: other }))).toBe("body_hash_mismatch");
  });

  it("may be absent where there is no body, if the provider leaves it out", async () => {
    const options: JwtOptions = { ...shared, bodyHash: { claim: "h", isOptionalForEmpty: true } };
    const empty = { body: Buffer.alloc(0) };
    expect(await check(options, await token({}), empty)).toBe(0);
    expect(await check(options, await token({ h: "" }), empty)).toBe("body_hash_mismatch");
    expect(await check(options, await token({}))).toBe("body_hash_mismatch");
    expect(await check({ ...shared, bodyHash: { claim: "h" } }, await token({}), empty)).toBe("body_hash_mismatch");
  });
});

function tokenOf(payload: string): string {
  return `e30.${Buffer.from(payload).toString("base64url")}.AAAA`;
}

describe("the claims of a proved token", () => {
  it("are its payload", () => expect(jwtClaims(tokenOf('{"type":"a.b","data":{"é":1}}'))).toEqual({ type: "a.b", data: { é: 1 } }));

  it("are none where the text is no token", () => {
    for (const text of ["", "x", "a.b", "a..c", tokenOf("[]"), tokenOf("1"), tokenOf("{")]) expect(jwtClaims(text)).toEqual({});
  });
});
