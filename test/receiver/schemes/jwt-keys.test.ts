import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { SignJWT } from "jose";
import { failed } from "../../../src/receiver/index.ts";
import { type JwtOptions, jwt } from "../../../src/receiver/schemes/jwt.ts";
import { publicKeyDocument } from "../../../src/receiver/schemes/key-set.ts";
import { check, ec, ed, now, pem, published, rsa, secret, segment, shared, token } from "./jwt-fixture.ts";
import { documentsFrom } from "./remote-stub.ts";

describe("an algorithm", () => {
  it.each(["none", "None", "NONE", "nOnE", "", "HS512", "hs256", "RS256", "constructor"])(
    "%j is refused where HS256 is meant",
    async (alg) => {
      const first = segment({ alg });
      const second = segment({ exp: now + 60 });
      for (const signature of ["", "AAAA", (await token({})).split(".")[2]])
        expect(await check(shared, `${first}.${second}.${signature}`)).toBe("signature_malformed");
    },
  );

  it("of a secret is refused where a public key is configured, though its text be the secret", async () => {
    const text = pem(rsa.publicKey);
    const forged = await token({}, { alg: "HS256" }, text);
    expect(await check(published, forged, { secrets: [text] })).toBe("signature_malformed");
    expect(jwt(shared).secret.parse(text)).toBeUndefined();
    expect(jwt(shared).secret.parse(pem(rsa.privateKey))).toBeUndefined();
  });

  it("must fit the key that is configured", async () => {
    expect(await check(published, await token({}, { alg: "RS256" }, rsa.privateKey), { secrets: [pem(ec.publicKey)] })).toBe(
      "signature_mismatch",
    );
    expect(jwt(published).secret.parse(pem(ed.publicKey))).toBeUndefined();
    expect(jwt(published).secret.parse(pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey))).toBeUndefined();
  });

  it.each([
    [[], "secret"],
    [["none"], "secret"],
    [["none"], "publicKey"],
    [["RS256"], "secret"],
    [["RS256", "HS256"], "publicKey"],
    [["HS256"], { jwks: () => "https://keys.example/" }],
    [["toString"], "secret"],
  ])("that does not go with the key fails where the receiver is defined: %j with %j", (algorithms, key) =>
    expect(() => jwt({ header: "a", algorithms, key } as JwtOptions)).toThrow(TypeError),
  );
});

describe("keys from the provider", () => {
  const keys = "https://keys.example/set";
  const options: JwtOptions = { header: "x-token", algorithms: ["RS256", "ES256"], key: { jwks: keys }, binds: { claim: "aud" } };
  const old = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = (key: KeyObject, extra: object = {}) => ({ ...key.export({ format: "jwk" }), ...extra });
  const signed = (kid?: string, aud: unknown = "app", { privateKey } = rsa) =>
    token({ aud }, kid === undefined ? { alg: "RS256" } : { alg: "RS256", kid }, privateKey);
  const set = { keys: [jwk(old.publicKey, { kid: "old" }), jwk(rsa.publicKey, { kid: "new" }), jwk(ec.publicKey, { kid: "ec" })] };

  it("verify, and are asked for once", async () => {
    const remote = documentsFrom({ [keys]: set });
    expect(await check(options, await signed("new"), { secrets: ["app"], remote })).toBe(0);
    expect(await check(options, await signed("old", "app", old), { secrets: ["app"], remote })).toBe(0);
    expect(await check(options, await signed("old"), { secrets: ["app"], remote })).toBe("signature_mismatch");
    expect(
      await check(options, await token({ aud: "app" }, { alg: "ES256", kid: "ec" }, ec.privateKey), { secrets: ["app"], remote }),
    ).toBe(0);
    expect(remote.asked).toEqual([keys]);
  });

  it("sign for every customer, so the configured text tells our tokens from theirs", async () => {
    const remote = documentsFrom({ [keys]: set });
    expect(await check(options, await signed("new", "theirs"), { secrets: ["app"], remote })).toBe("claim_mismatch");
    expect(await check(options, await signed("new", ["x", "app"]), { secrets: ["other", "app"], remote })).toBe(1);
    const { binds: _, ...unbound } = options;
    expect(() => jwt(unbound)).toThrow(TypeError);
    expect(() => jwt({ ...shared, binds: { claim: "aud" } })).toThrow(TypeError);
  });

  it("are asked for anew where the id is unknown; old ones stay good until they are taken away", async () => {
    const bodies: Record<string, unknown> = { [keys]: { keys: [jwk(old.publicKey, { kid: "old" })] } };
    const remote = documentsFrom(bodies);
    expect(await check(options, await signed("new"), { secrets: ["app"], remote })).toBe("key_unknown");
    bodies[keys] = set;
    expect(await check(options, await signed("new"), { secrets: ["app"], remote })).toBe(0);
    expect(await check(options, await signed("old", "app", old), { secrets: ["app"], remote })).toBe(0);
    expect(remote.asked).toHaveLength(2);
  });

  it("are each tried where a token names none", async () => {
    const remote = documentsFrom({ [keys]: set });
    expect(await check(options, await signed(), { secrets: ["app"], remote })).toBe(0);
    const only = documentsFrom({ [keys]: { keys: [jwk(ec.publicKey)] } });
    expect(await check(options, await signed(), { secrets: ["app"], remote: only })).toBe("key_unknown");
  });

  it("are never symmetric, and never for another algorithm", async () => {
    const oct = { kty: "oct", k: Buffer.from(secret).toString("base64url"), kid: "oct" };
    const remote = documentsFrom({ [keys]: { keys: [oct, jwk(rsa.publicKey, { kid: "ps", alg: "PS256" })] } });
    expect(await check(options, await token({ aud: "app" }, { alg: "HS256", kid: "oct" }), { secrets: ["app"], remote })).toBe(
      "signature_malformed",
    );
    expect(await check(options, await signed("oct"), { secrets: ["app"], remote })).toBe("key_unknown");
    expect(await check(options, await signed("ps"), { secrets: ["app"], remote })).toBe("key_unknown");
  });

  it("are never those that a token names or carries", async () => {
    const attacker = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const evil = "https://evil.example/set";
    const remote = documentsFrom({ [keys]: set, [evil]: { keys: [jwk(attacker.publicKey, { kid: "new" })] } });
    for (const extra of [
      { jku: evil },
      { x5u: evil },
      { jwk: jwk(attacker.publicKey) },
      { x5c: [pem(attacker.publicKey)] },
      { iss: evil },
    ]) {
      const text = await new SignJWT({ aud: "app", exp: now + 60, iss: evil })
        .setProtectedHeader({ alg: "RS256", kid: "new", ...extra } as never)
        .sign(attacker.privateKey);
      expect(await check(options, text, { secrets: ["app"], remote })).toBe("signature_mismatch");
    }
    expect(remote.asked).toEqual([keys]);
  });

  it("are not asked for by what is no token", async () => {
    const remote = documentsFrom({ [keys]: set });
    for (const text of ["x", "a.b.c", await token({ aud: "app" })]) await check(options, text, { secrets: ["app"], remote });
    expect(remote.asked).toEqual([]);
  });

  it("may stand at a URL that the configured text gives", async () => {
    const byDomain: JwtOptions = { ...options, key: { jwks: (domain) => `https://${domain}/set` } };
    const remote = documentsFrom({ [keys]: set });
    const { binds: _, ...unbound } = byDomain;
    expect(await check(unbound, await signed("new"), { secrets: ["keys.example"], remote })).toBe(0);
  });

  it("that cannot be had say nothing of the request", async () => {
    await expect(check(options, await signed("new"), { secrets: ["app"], remote: documentsFrom({}) })).rejects.toMatchObject({
      code: "keys_unavailable",
    });
    expect(await check(options, await signed("new"), { secrets: ["app"] })).toBe("verification_failed");
    expect(jwt(options).isRemote).toBe(true);
  });

  describe("by their id", () => {
    const byId: JwtOptions = {
      header: "x-token",
      algorithms: ["RS256"],
      key: { keyById: (id) => publicKeyDocument(`https://keys.example/${id}`) },
    };

    it("verify, each under its own id", async () => {
      const remote = documentsFrom({ "https://keys.example/1": pem(rsa.publicKey), "https://keys.example/2": pem(ec.publicKey) });
      expect(await check(byId, await signed("1"), { remote })).toBe(0);
      expect(await check(byId, await signed("1", "app", old), { remote })).toBe("signature_mismatch");
      expect(await check(byId, await signed("2"), { remote })).toBe("key_unknown");
      await expect(check(byId, await signed("3"), { remote })).rejects.toMatchObject({ code: "keys_unavailable" });
    });

    it("may not be there, or be refused by the receiver", async () => {
      const gone: JwtOptions = { ...byId, key: { keyById: () => ({ url: keys, parse: () => undefined }) } };
      expect(await check(gone, await signed("1"), { remote: documentsFrom({ [keys]: {} }) })).toBe("key_unknown");
      const refused: JwtOptions = { ...byId, key: { keyById: () => failed("key_unknown", "No.") } };
      expect(await check(refused, await signed("1"), { remote: documentsFrom({}) })).toBe("key_unknown");
    });

    it.each([undefined, "", ".", "..", "a/b", "../a", "a..b", "a%2fb", "a b", "a?b", "a#b", "é", "x".repeat(129)])(
      "are not asked for with the id %j",
      async (kid) => {
        const remote = documentsFrom({});
        expect(await check(byId, await signed(kid), { remote })).toBe("signature_malformed");
        expect(remote.asked).toEqual([]);
      },
    );
  });
});
