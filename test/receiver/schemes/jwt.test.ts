import { createPublicKey, createSecretKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { FlattenedSign, SignJWT } from "jose";
import { failed, ReceiverRequest } from "../../../src/receiver/index.ts";
import type { RemoteDocuments } from "../../../src/receiver/remote.ts";
import { type JwtOptions, jwt } from "../../../src/receiver/schemes/jwt.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";
import { body, check, ec, ed, now, pem, published, rsa, secret, segment, shared, token, url } from "./jwt-fixture.ts";
import { documentsFrom } from "./remote-stub.ts";

describe("published tokens", () => {
  const payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  // RFC 7515, appendices A.1 and A.3.
  const hs256 = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
  const es256 = `eyJhbGciOiJFUzI1NiJ9.${payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`;
  const key = Buffer.from("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", "base64url");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  };
  const before = 1_300_819_000;

  it("verify with a secret in hexadecimal digits or base64", async () => {
    for (const form of ["hex", "base64"] as const) {
      const options: JwtOptions = { ...shared, key: { secret: form }, issuer: "joe" };
      expect(await check(options, hs256, { secrets: [key.toString(form)], now: before })).toBe(0);
      expect(await check(options, hs256, { secrets: [key.toString(form)] })).toBe("token_expired");
    }
  });

  it("verify with a public key", async () => {
    const secrets = [pem(createPublicKey({ key: jwk, format: "jwk" }))];
    expect(await check({ ...published, issuer: "joe" }, es256, { secrets, now: before })).toBe(0);
    expect(await check({ ...published, issuer: "jim" }, es256, { secrets, now: before })).toBe("claim_mismatch");
  });
});

describe("a token that another library signed", () => {
  it.each([
    ["RS256", rsa],
    ["PS512", rsa],
    ["ES256", ec],
    ["ES384", generateKeyPairSync("ec", { namedCurve: "P-384" })],
    ["ES512", generateKeyPairSync("ec", { namedCurve: "P-521" })],
    ["EdDSA", ed],
  ] as const)("verifies under %s, with the key that signed", async (alg, { publicKey, privateKey }) => {
    const options: JwtOptions = { header: "x-token", algorithms: [alg], key: "publicKey" };
    const text = await token({}, { alg }, privateKey);
    const another = alg === "EdDSA" ? generateKeyPairSync("ed25519").publicKey : undefined;
    expect(await check(options, text, { secrets: [pem(publicKey)] })).toBe(0);
    if (another) expect(await check(options, text, { secrets: [pem(another)] })).toBe("signature_mismatch");
    if (another) expect(await check(options, text, { secrets: [pem(another), pem(publicKey)] })).toBe(1);
  });

  it.each(["HS256", "HS384", "HS512"] as const)("verifies under %s, with any secret of the list", async (alg) => {
    const options: JwtOptions = { ...shared, algorithms: [alg] };
    expect(await check(options, await token({}, { alg }))).toBe(0);
    expect(await check(options, await token({}, { alg }), { secrets: ["another secret", secret] })).toBe(1);
    expect(await check(options, await token({}, { alg }), { secrets: ["another secret"] })).toBe("signature_mismatch");
  });

  it("does not verify with a part of it changed", async () => {
    const [header, , signature] = (await token({})).split(".");
    expect(await check(shared, [header, segment({ exp: now + 9000 }), signature].join("."))).toBe("signature_mismatch");
    expect(await check(shared, [segment({ alg: "HS256", typ: "x" }), segment({ exp: now + 60 }), signature].join("."))).toBe(
      "signature_mismatch",
    );
  });
});

describe("where a token stands", () => {
  const bearer: JwtOptions = { ...shared, header: "Authorization", prefix: "Bearer " };

  it("may be behind a word, in either case", async () => {
    const text = await token({});
    expect(await check(bearer, "", { headers: ["authorization", `Bearer ${text}`] })).toBe(0);
    expect(await check(bearer, "", { headers: ["authorization", `bearer ${text}`] })).toBe(0);
    for (const value of [text, `Basic ${text}`, `Bearer${text}`, `Bearer  ${text}`, "Bearer ", "Bearer"])
      expect(await check(bearer, "", { headers: ["authorization", value] })).toBe("signature_malformed");
    expect(await check(bearer, "", { headers: ["authorization", ""] })).toBe("signature_missing");
  });

  it("may be the query, a field, or one of several places", async () => {
    const text = await token({});
    const field = Buffer.from(JSON.stringify({ token: text }));
    expect(await check({ ...shared, header: undefined, from: { query: "jwt" } } as never, undefined, { url: `${url}&jwt=${text}` })).toBe(
      0,
    );
    const { header: _, ...rest } = shared;
    const several: JwtOptions = { ...rest, prefix: "JWT ", from: [{ header: "authorization" }, { query: "jwt" }, { body: "token" }] };
    expect(await check(several, "", { headers: ["authorization", `JWT ${text}`] })).toBe(0);
    expect(await check(several, "", { headers: [], url: `${url}&jwt=${text}` })).toBe(0);
    expect(await check(several, "", { headers: [], body: field })).toBe(0);
    expect(await check(several, "", { headers: [] })).toBe("signature_missing");
    expect(await check(several, "", { headers: ["authorization", `JWT ${text}`], url: `${url}&jwt=${text}` })).toBe("signature_repeated");
  });

  it("may be the whole body, and then covers it", async () => {
    const { header: _, ...rest } = shared;
    const options: JwtOptions = { ...rest, from: "body" };
    const text = await new SignJWT({ type: "x", long: "x".repeat(20_000) })
      .setProtectedHeader({ alg: "HS256" })
      .sign(createSecretKey(Buffer.from(secret)));
    expect(jwt(options).bodyBound).toBe(true);
    expect(await check(options, undefined, { body: Buffer.from(text) })).toBe(0);
    for (const changed of [`${text}\n`, ` ${text}`, `"${text}"`, "{}"])
      expect(await check(options, undefined, { body: Buffer.from(changed) })).toBe("signature_malformed");
    expect(await check(options, undefined, { body: Buffer.alloc(0) })).toBe("signature_missing");
  });

  it("is one place and no more", async () => {
    const text = await token({});
    expect(await check(shared, "", { headers: ["x-token", text, "x-token", text] })).toBe("signature_repeated");
    expect(await check(shared, undefined)).toBe("signature_missing");
    expect(() => jwt({ ...shared, from: "body" })).toThrow(TypeError);
    expect(() => jwt({ algorithms: ["HS256"], key: "secret" })).toThrow(TypeError);
  });
});

describe("a detached payload", () => {
  const options: JwtOptions = { header: "x-token", algorithms: ["RS256"], key: "publicKey", detached: true };
  const secrets = [pem(rsa.publicKey)];

  async function detached(b64: boolean): Promise<string> {
    const header = b64 ? { alg: "RS256" } : { alg: "RS256", b64, crit: ["b64"] };
    const { protected: first, signature } = await new FlattenedSign(body).setProtectedHeader(header).sign(rsa.privateKey);
    return `${first}..${signature}`;
  }

  it.each([true, false])("is the raw body, with `b64` %s", async (b64) => {
    const text = await detached(b64);
    expect(await check(options, text, { secrets })).toBe(0);
    expect(await check(options, text, { secrets, body: Buffer.from('{"a": 1}') })).toBe("signature_mismatch");
    expect(await check(options, text, { secrets: [pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey)] })).toBe(
      "signature_mismatch",
    );
  });

  it("may be bytes of any kind", async () => {
    const raw = Buffer.from([0xff, 0x2e, 0x00, 0x80]);
    const { protected: first, signature } = await new FlattenedSign(raw)
      .setProtectedHeader({ alg: "RS256", b64: false, crit: ["b64"] })
      .sign(rsa.privateKey);
    expect(await check(options, `${first}..${signature}`, { secrets, body: raw })).toBe(0);
  });

  it("is signed as it is only where the token marks that as critical", async () => {
    for (const header of [{ b64: false }, { b64: false, crit: [] }, { b64: 0, crit: ["b64"] }, { crit: ["b64"] }]) {
      const first = segment({ alg: "RS256", ...header });
      const signature = sign("sha256", Buffer.from(`${first}.${body}`), rsa.privateKey).toString("base64url");
      expect(await check(options, `${first}..${signature}`, { secrets })).toBe("signature_malformed");
    }
  });

  it("stands nowhere in the token", async () => {
    const text = await detached(true);
    expect(await check(options, text.replace("..", `.${segment(body.toString())}.`), { secrets })).toBe("signature_malformed");
    expect(await check({ ...options, detached: false }, text, { secrets })).toBe("signature_malformed");
    expect(jwt(options).bodyBound).toBe(true);
  });
});

describe("what is signed", () => {
  const { header: _, ...nowhere } = shared;

  async function signAndCheck(
    options: JwtOptions,
    signing: string,
    configured = signing,
    parts: { remote?: RemoteDocuments; body?: Buffer } = {},
  ) {
    const scheme = jwt(options);
    const bare = new ReceiverRequest({ method: "POST", url, rawHeaders: ["content-type", "application/json"], body: parts.body ?? body });
    const signed = scheme.sign!(bare, signing, { now });
    const request = new ReceiverRequest({
      method: "POST",
      url: signed.url ?? url,
      rawHeaders: [...bare.headers.raw, ...Object.entries(signed.headers).flat()],
      body: signed.body ?? bare.body,
    });
    const context = { now, ...(parts.remote ? { remote: parts.remote } : {}) };
    return verifyRequest(scheme, request, [scheme.secret.parse(configured)], context);
  }

  it.each<[string, JwtOptions]>([
    ["a bearer token", { ...shared, prefix: "Bearer " }],
    [
      "every claim",
      { ...shared, issuer: ["a", "b"], audience: "c", maxAgeSeconds: 600, urlClaim: "sub", bodyHash: { claim: "h", encoding: "base64" } },
    ],
    ["a hash of the URL", { ...shared, urlClaim: { claim: "u" } }],
    ["claims of the receiver's own", { ...shared, issuer: (one) => one === "x", claimsToSign: () => ({ iss: "x" }) }],
    [
      "a template of claims",
      { ...shared, check: ({ a }) => (a === 1 ? undefined : failed("claim_mismatch", "a")), claimsToSign: { a: 1 } },
    ],
    ["a query parameter", { ...nowhere, from: { query: "jwt" } }],
    ["a field", { ...nowhere, from: { body: "token" } }],
    ["a body", { ...nowhere, from: "body" }],
    ["a detached payload", { ...shared, detached: true }],
  ])("verifies: %s", async (_name, options) => {
    expect(await signAndCheck(options, secret)).toEqual({ verified: true, secretIndex: 0 });
  });

  it.each([
    ["RS256", rsa],
    ["PS256", rsa],
    ["ES256", ec],
    ["EdDSA", ed],
  ] as const)("verifies under %s with a private key", async (alg, { publicKey, privateKey }) => {
    const options: JwtOptions = { header: "a", algorithms: [alg], key: "publicKey" };
    expect(await signAndCheck(options, pem(privateKey), pem(publicKey))).toEqual({ verified: true, secretIndex: 0 });
    expect(() => jwt(options).sign!(new ReceiverRequest({ method: "POST", url, rawHeaders: [] }), pem(publicKey), { now })).toThrow(
      TypeError,
    );
  });

  it("verifies with keys from the provider", async () => {
    const options: JwtOptions = { header: "a", algorithms: ["ES256"], key: { jwks: "https://keys.example/" }, binds: { claim: "email" } };
    const remote = documentsFrom({ "https://keys.example/": { keys: [{ ...ec.publicKey.export({ format: "jwk" }), kid: "1" }] } });
    const signing = JSON.stringify({ key: { ...ec.privateKey.export({ format: "jwk" }), kid: "1" }, secret: "me@example.com" });
    expect(await signAndCheck(options, signing, "me@example.com", { remote })).toEqual({ verified: true, secretIndex: 0 });
  });

  it("keeps the claims of a body, be it a token already", async () => {
    const options: JwtOptions = { ...nowhere, from: "body", check: ({ a }) => (a === 1 ? undefined : failed("claim_mismatch", "a")) };
    expect(await signAndCheck(options, secret)).toMatchObject({ verified: true });
    const before = Buffer.from(await token({ a: 1 }));
    expect(await signAndCheck(options, secret, secret, { body: before })).toMatchObject({ verified: true });
  });
});

describe("the scheme", () => {
  it("says where its proof stands", () => {
    const { header: _, ...nowhere } = shared;
    expect(jwt(shared)).toMatchObject({ name: "jwt", proofHeaders: ["x-token"], proofParameters: [], bodyBound: false, signsUrl: false });
    expect(jwt({ ...shared, urlClaim: "sub" }).signsUrl).toBe(true);
    expect(jwt({ ...nowhere, from: [{ header: "Authorization" }, { query: "jwt" }] })).toMatchObject({
      proofHeaders: ["authorization"],
      proofParameters: ["jwt"],
      alternativeHeaders: ["authorization"],
    });
  });

  it("believes an elliptic signature in the form of the standard alone", async () => {
    const first = segment({ alg: "ES256" });
    const second = segment({ exp: now + 60 });
    const text = (dsaEncoding: "der" | "ieee-p1363") =>
      `${first}.${second}.${sign("sha256", Buffer.from(`${first}.${second}`), { key: ec.privateKey, dsaEncoding }).toString("base64url")}`;
    expect(await check(published, text("ieee-p1363"), { secrets: [pem(ec.publicKey)] })).toBe(0);
    expect(await check(published, text("der"), { secrets: [pem(ec.publicKey)] })).toBe("signature_mismatch");
  });
});
