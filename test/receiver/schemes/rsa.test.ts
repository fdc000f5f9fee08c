import { createPublicKey, generateKeyPairSync, type KeyObject, webcrypto } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest } from "../../../src/receiver/index.ts";
import { type RsaOptions, rsa } from "../../../src/receiver/schemes/rsa.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const short = generateKeyPairSync("rsa", { modulusLength: 1024 });
const body = Buffer.from('{"a":1}');

function pem(key: KeyObject): string {
  return key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" } as { type: "spki"; format: "pem" }).toString();
}

async function check(options: Partial<RsaOptions>, signature: string | readonly string[], keys = [pair.publicKey], text = body) {
  const rawHeaders = [signature].flat().flatMap((one) => ["X-Signature", one]);
  const scheme = rsa({ header: "x-signature", ...options });
  const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders, body: text });
  const parsed = keys.map((key) => scheme.secret.parse(pem(key)));
  expect(parsed).not.toContain(undefined);
  const result = await verifyRequest(scheme, request, parsed, { now: 0 });
  return result.verified ? result.secretIndex : result.code;
}

/** Signed by WebCrypto. */
async function signed(hash: string, name = "RSASSA-PKCS1-v1_5", saltLength = 32, { privateKey } = pair): Promise<Buffer> {
  const der = privateKey.export({ type: "pkcs8", format: "der" });
  const key = await webcrypto.subtle.importKey("pkcs8", der, { name, hash }, false, ["sign"]);
  return Buffer.from(await webcrypto.subtle.sign({ name, saltLength }, key, body));
}

const signature = (await signed("SHA-256")).toString("base64");

describe("an RSA signature", () => {
  it("verifies with the key that signed, wherever it stands in the list", async () => {
    expect(await check({}, signature)).toBe(0);
    expect(await check({}, signature, [other.publicKey, pair.publicKey])).toBe(1);
    expect(await check({}, signature, [other.publicKey])).toBe("signature_mismatch");
  });

  it("does not verify over another body", async () =>
    expect(await check({}, signature, [pair.publicKey], Buffer.from('{"a":1} '))).toBe("signature_mismatch"));

  it.each(["sha1", "sha384", "sha512"] as const)("of %s verifies under that hash alone", async (hash) => {
    const text = (await signed(hash.replace("sha", "SHA-"))).toString("base64");
    expect(await check({ hash }, text)).toBe(0);
    expect(await check({}, text)).toBe("signature_mismatch");
    expect(await check({ hash }, signature)).toBe("signature_mismatch");
  });

  it("of PSS verifies as such, with any salt", async () => {
    for (const saltLength of [0, 20, 32]) {
      const text = (await signed("SHA-256", "RSA-PSS", saltLength)).toString("base64");
      expect(await check({ padding: "pss" }, text)).toBe(0);
      expect(await check({}, text)).toBe("signature_mismatch");
    }
    expect(await check({ padding: "pss" }, signature)).toBe("signature_mismatch");
  });

  it.each([
    ["", "signature_missing"],
    [signature.slice(4), "signature_malformed"],
    [`${signature} `, "signature_malformed"],
    [signature.replace(/=+$/, ""), "signature_malformed"],
    [Buffer.from(signature, "base64").toString("hex"), "signature_mismatch"],
    [Buffer.alloc(256).toString("base64"), "signature_mismatch"],
    [Buffer.alloc(512, 1).toString("base64"), "signature_mismatch"],
    [Buffer.alloc(4096).toString("base64"), "signature_malformed"],
  ])("is refused: case %#", async (text, code) => expect(await check({}, text)).toBe(code));

  it("is refused where it occurs twice", async () => expect(await check({}, [signature, signature])).toBe("signature_repeated"));

  it.each([{}, { hash: "sha512" }, { padding: "pss" }, { encoding: "hex" }] as const)("is what `sign` makes, with %j", async (options) => {
    const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders: [], body });
    const { headers } = rsa({ header: "x-signature", ...options }).sign!(request, pem(pair.privateKey), { now: 0 });
    expect(await check(options, headers["x-signature"]!)).toBe(0);
  });
});

describe("an RSA key", () => {
  const { secret } = rsa({ header: "a" });

  it("has at least 2048 bits, unless the provider's is shorter", async () => {
    expect(secret.parse(pem(short.publicKey))).toBeUndefined();
    expect(secret.byteLength(pem(short.publicKey))).toBe(0);
    expect(secret.byteLength(pem(pair.publicKey))).toBe(256);
    const text = (await signed("SHA-256", undefined, undefined, short)).toString("base64");
    expect(await check({ minBits: 1024 }, text, [short.publicKey])).toBe(0);
  });

  it("has an exponent that encrypts", () => {
    const { n } = pair.publicKey.export({ format: "jwk" });
    const bare = createPublicKey({ key: { kty: "RSA", n: n!, e: "AQ" }, format: "jwk" });
    expect(secret.parse(pem(bare))).toBeUndefined();
  });

  it("is neither of another kind nor private", () => {
    for (const key of [
      generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
      generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey,
      pair.privateKey,
    ])
      expect(secret.parse(pem(key))).toBeUndefined();
  });

  it("may be for PSS alone where that is used", () => {
    const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });
    expect(rsa({ header: "a", padding: "pss" }).secret.parse(pem(pss.publicKey))).toBeDefined();
  });

  it("that is private is needed to sign", () => {
    const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [] });
    for (const text of ["text", pem(pair.publicKey), pem(generateKeyPairSync("ed25519").privateKey)])
      expect(() => rsa({ header: "a" }).sign!(request, text, { now: 0 })).toThrow(TypeError);
  });
});
