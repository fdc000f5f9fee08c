import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest } from "../../../src/receiver/index.ts";
import { type EcdsaOptions, ecdsa, isStrictDer } from "../../../src/receiver/schemes/ecdsa.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";

// RFC 6979, appendix A.2.5: curve P-256, SHA-256, message "sample".
const body = Buffer.from("sample");
const r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
const s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
const publicKey = createPublicKey({
  key: {
    kty: "EC",
    crv: "P-256",
    x: Buffer.from("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6", "hex").toString("base64url"),
    y: Buffer.from("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", "hex").toString("base64url"),
  },
  format: "jwk",
});
const der = `3046022100${r}022100${s}`;

function pem(key: KeyObject): string {
  return key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" } as { type: "spki"; format: "pem" }).toString();
}

async function check(options: Partial<EcdsaOptions>, signature: string, keys = [publicKey], message = body) {
  const scheme = ecdsa({ header: "x-signature", encoding: "hex", ...options });
  const request = new ReceiverRequest({
    method: "POST",
    url: "https://example.test/",
    rawHeaders: ["X-Signature", signature],
    body: message,
  });
  const parsed = keys.map((key) => scheme.secret.parse(pem(key)));
  expect(parsed).not.toContain(undefined);
  const result = await verifyRequest(scheme, request, parsed, { now: 0 });
  return result.verified ? result.secretIndex : result.code;
}

describe("the published signature", () => {
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;

  it("verifies in DER and as two numbers, each only where it is declared", async () => {
    expect(await check({}, der)).toBe(0);
    expect(await check({ encoding: "base64" }, Buffer.from(der, "hex").toString("base64"))).toBe(0);
    expect(await check({ dsaEncoding: "ieee-p1363" }, r + s)).toBe(0);
    expect(await check({}, r + s)).toBe("signature_malformed");
    expect(await check({ dsaEncoding: "ieee-p1363" }, der)).toBe("signature_malformed");
  });

  it("verifies with its key alone, wherever it stands", async () => {
    expect(await check({}, der, [other, publicKey])).toBe(1);
    expect(await check({}, der, [other])).toBe("signature_mismatch");
    expect(await check({}, der, [publicKey], Buffer.from("Sample"))).toBe("signature_mismatch");
    expect(await check({ hash: "sha512" }, der)).toBe("signature_mismatch");
  });

  it.each([
    ["a byte behind it", `${der}00`],
    ["a byte behind it and counted", `3047022100${r}022100${s}00`],
    ["a byte that is not counted", `3045022100${r}022100${s}`],
    ["a byte missing", der.slice(0, -2)],
    ["a long length", `308146022100${r}022100${s}`],
    ["a longer length", `30820046022100${r}022100${s}`],
    ["a length that the end tells", `3080022100${r}022100${s}0000`],
    ["an integer with a long length", `304702812100${r}022100${s}`],
    ["a needless zero", `304702220000${r}022100${s}`],
    ["a negative integer", `30450220${r}022100${s}`],
    ["an integer of zero", `3026020100022100${s}`],
    ["an empty integer", `30250200022100${s}`],
    ["one integer", `3023022100${r}`],
    ["three integers", `3049022100${r}022100${s}020101`],
    ["another tag", `3146022100${r}022100${s}`],
    ["a constructed integer", `3046222100${r}022100${s}`],
    ["an integer that is too long", `30470222${"01".padEnd(68, "0")}022100${s}`],
    ["nothing in it", "3000"],
    ["one byte", "30"],
  ])("is malformed with %s", async (_name, text) => expect(await check({}, text)).toBe("signature_malformed"));
});

describe("every curve", () => {
  it.each([
    ["P-256", 32],
    ["P-384", 48],
    ["P-521", 66],
    ["secp256k1", 32],
  ] as const)("%s is refused under another's name", async (curve, size) => {
    const pair = generateKeyPairSync("ec", { namedCurve: curve });
    for (const another of ["P-256", "P-384", "P-521", "secp256k1"] as const) {
      expect(ecdsa({ header: "a", curve: another }).secret.parse(pem(pair.publicKey)) !== undefined).toBe(another === curve);
    }
    for (const dsaEncoding of ["der", "ieee-p1363"] as const) {
      const signature = sign("sha256", body, { key: pair.privateKey, dsaEncoding }).toString("hex");
      expect(await check({ curve, dsaEncoding }, signature, [pair.publicKey])).toBe(0);
    }
    for (let count = 0; count < 200; count++) expect(isStrictDer(sign("sha256", Buffer.from([count]), pair.privateKey), size)).toBe(true);
  });

  it("has keys that are long enough for every receiver", () =>
    expect(ecdsa({ header: "a" }).secret.byteLength(pem(publicKey))).toBeGreaterThanOrEqual(32));
});

describe("what is signed", () => {
  it("verifies", async () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [], body });
    for (const options of [{}, { hash: "sha1" }, { dsaEncoding: "ieee-p1363" }] as const) {
      const { headers } = ecdsa({ header: "x-signature", encoding: "hex", ...options }).sign!(request, pem(pair.privateKey), { now: 0 });
      expect(await check(options, headers["x-signature"]!, [pair.publicKey])).toBe(0);
    }
    expect(() => ecdsa({ header: "a", curve: "P-384" }).sign!(request, pem(pair.privateKey), { now: 0 })).toThrow(TypeError);
  });
});
