import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type CbcOptions, decryptCbc, decryptGcm, decryptKey, encryptCbc } from "../../../src/receiver/schemes/decrypt.ts";

const key = Buffer.alloc(32, 7);
const iv = Buffer.alloc(16, 9);

/** The error that a call throws. */
function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("AES-CBC", () => {
  it("makes the first block that NIST SP 800-38A, F.2.5, gives", () => {
    const nist = {
      key: Buffer.from("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "hex"),
      iv: Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"),
    };
    const encrypted = encryptCbc(Buffer.from("6bc1bee22e409f96e93d7e117393172a", "hex"), nist);
    expect(encrypted.subarray(0, 16).toString("hex")).toBe("f58c4c04d6e5f1ba779eabfb5f7bfbd6");
    expect(decryptCbc(encrypted, nist).toString("hex")).toBe("6bc1bee22e409f96e93d7e117393172a");
  });

  it("reads what the platform wrote, from bytes and base64, with keys of both lengths", () => {
    for (const [name, secret] of [
      ["aes-256-cbc", key],
      ["aes-128-cbc", key.subarray(0, 16)],
    ] as const) {
      const cipher = createCipheriv(name, secret, iv);
      const bytes = Buffer.concat([cipher.update("Hello"), cipher.final()]);
      expect(decryptCbc(bytes, { key: secret, iv }).toString()).toBe("Hello");
      expect(decryptCbc(bytes.toString("base64"), { key: secret, iv }).toString()).toBe("Hello");
    }
  });

  it.each<Omit<CbcOptions, "key">>([
    { iv },
    { iv: "key" },
    { iv: "ciphertext" },
    { iv, paddingBlock: 32 },
    { iv: "key", paddingBlock: 32 },
  ])("reads what it wrote, whatever its length: %j", (how) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (plain) => {
        const encrypted = encryptCbc(Buffer.from(plain), { key, ...how }, iv);
        expect(decryptCbc(encrypted, { key, ...how })).toEqual(Buffer.from(plain));
      }),
      { numRuns: 50 },
    );
  });

  it("gives one same error, whatever is wrong", () => {
    const raw = (plain: Buffer): Buffer => {
      const cipher = createCipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
      return Buffer.concat([cipher.update(plain), cipher.final()]);
    };
    const blocks = (...ends: readonly number[]): Buffer => raw(Buffer.concat([Buffer.alloc(32 - ends.length, 65), Buffer.from(ends)]));
    const wrong = [
      "",
      "?",
      Buffer.alloc(0),
      Buffer.alloc(15),
      Buffer.alloc(17),
      "A".repeat(23),
      blocks(0),
      blocks(17),
      blocks(255),
      blocks(3, 2),
      blocks(2, 3, 3),
      blocks(3, 2, 3),
    ];
    const errors = wrong.map((encrypted) => thrown(() => decryptCbc(encrypted, { key, iv })) as Error & { code: string });
    for (const error of errors) expect([error.code, error.message]).toEqual(["malformed_body", errors[0]?.message]);
    expect(thrown(() => decryptCbc(Buffer.alloc(16), { key, iv: "ciphertext" }))).toMatchObject({ code: "malformed_body" });
  });

  it("takes 32 as padding only where the block is 32, and never more than there is", () => {
    const padded = (padding: number, length: number): Buffer => {
      const cipher = createCipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
      return Buffer.concat([cipher.update(Buffer.alloc(length, padding)), cipher.final()]);
    };
    expect(decryptCbc(padded(32, 32), { key, iv, paddingBlock: 32 })).toEqual(Buffer.alloc(0));
    expect(thrown(() => decryptCbc(padded(32, 32), { key, iv }))).toMatchObject({ code: "malformed_body" });
    expect(thrown(() => decryptCbc(padded(32, 16), { key, iv, paddingBlock: 32 }))).toMatchObject({ code: "malformed_body" });
  });

  it("needs a key and an IV of the right length", () => {
    expect(thrown(() => decryptCbc(Buffer.alloc(16), { key: Buffer.alloc(24), iv }))).toBeInstanceOf(TypeError);
    expect(thrown(() => decryptCbc(Buffer.alloc(16), { key, iv: Buffer.alloc(12) }))).toBeInstanceOf(TypeError);
    expect(thrown(() => encryptCbc(Buffer.alloc(1), { key, iv: "ciphertext" }))).toBeInstanceOf(TypeError);
  });

  it("has a limit", () => {
    expect(thrown(() => decryptCbc(Buffer.alloc(16 * 1024 * 1024 + 16), { key, iv }))).toMatchObject({ code: "malformed_body" });
    expect(thrown(() => decryptCbc("A".repeat(40 * 1024 * 1024), { key, iv }))).toMatchObject({ code: "malformed_body" });
  });
});

describe("AES-GCM", () => {
  const nonce = Buffer.from("0123456789ab");
  const seal = (plain: string, associated: string): Buffer => {
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(Buffer.from(associated));
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };

  it("reads the published case 14 of the GCM specification", () => {
    const zero = { key: Buffer.alloc(32), nonce: Buffer.alloc(12) };
    const encrypted = Buffer.from("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919", "hex");
    expect(decryptGcm(encrypted, zero)).toEqual(Buffer.alloc(16));
  });

  it("reads bytes and base64, with associated data", () => {
    const encrypted = seal("Hello", "transaction");
    expect(decryptGcm(encrypted, { key, nonce, associatedData: "transaction" }).toString()).toBe("Hello");
    expect(decryptGcm(encrypted.toString("base64"), { key, nonce, associatedData: Buffer.from("transaction") }).toString()).toBe("Hello");
    expect(decryptGcm(seal("", ""), { key, nonce })).toEqual(Buffer.alloc(0));
  });

  it("gives one same error, whatever was changed", () => {
    const encrypted = seal("Hello", "a");
    const changed = Buffer.from(encrypted);
    changed[0] = (changed[0] ?? 0) ^ 1;
    const calls = [
      () => decryptGcm(changed, { key, nonce, associatedData: "a" }),
      () => decryptGcm(encrypted, { key, nonce, associatedData: "b" }),
      () => decryptGcm(encrypted, { key, nonce: Buffer.from("0123456789aB"), associatedData: "a" }),
      () => decryptGcm(encrypted, { key: randomBytes(32), nonce, associatedData: "a" }),
      () => decryptGcm(encrypted, { key, nonce: Buffer.alloc(0), associatedData: "a" }),
      () => decryptGcm(encrypted.subarray(0, 15), { key, nonce, associatedData: "a" }),
      () => decryptGcm(encrypted.subarray(0, -1), { key, nonce, associatedData: "a" }),
      () => decryptGcm("?", { key, nonce }),
    ];
    const errors = calls.map(thrown) as (Error & { code: string })[];
    for (const error of errors) expect([error?.code, error?.message]).toEqual(["malformed_body", errors[0]?.message]);
  });

  it("needs a key of 32 bytes", () => {
    expect(thrown(() => decryptGcm(Buffer.alloc(16), { key: Buffer.alloc(16), nonce }))).toBeInstanceOf(TypeError);
  });
});

describe("RSA-OAEP", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const wrap = (oaepHash: string): Buffer => publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, key);

  it("opens a key, with either hash", () => {
    expect(decryptKey(wrap("sha1").toString("base64"), privateKey)).toEqual(key);
    expect(decryptKey(wrap("sha256"), privateKey, "sha256")).toEqual(key);
  });

  it("gives one same error, whatever is wrong", () => {
    for (const call of [
      () => decryptKey(wrap("sha256"), privateKey),
      () => decryptKey(Buffer.alloc(256, 1), privateKey),
      () => decryptKey("?", privateKey),
      () => decryptKey("", privateKey),
    ])
      expect(thrown(call)).toMatchObject({
        code: "malformed_body",
        message: "The encrypted content does not open with the configured key.",
      });
  });
});
