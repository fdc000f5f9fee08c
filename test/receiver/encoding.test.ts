import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decodeBase64, decodeDigest, decodeHex } from "../../src/receiver/encoding.ts";

describe("decodeHex", () => {
  it("reads the bytes of any digits, in either case", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const hex = Buffer.from(bytes).toString("hex");
        expect(decodeHex(hex)).toEqual(Buffer.from(bytes));
        expect(decodeHex(hex.toUpperCase())).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    "123456789",
    "github",
    "1",
    "\0\0",
    "漢字",
    "1️⃣",
    "E4BDA0E5A5BDE4B896E7958",
    "E4BDA0E5A5MDE4B896E7958C",
    "0x00",
    " 00",
    "00 ",
    "00\n",
    "١٢",
    "ＡＡ",
  ])("refuses %j", (text) => expect(decodeHex(text)).toBeUndefined());

  it("reads nothing but hexadecimal digits, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) =>
        expect(decodeHex(text)?.toString("hex") ?? text.toLowerCase()).toBe(text.toLowerCase()),
      ),
    );
  });
});

describe("decodeBase64", () => {
  it("reads the bytes of the canonical spelling", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) =>
        expect(decodeBase64(Buffer.from(bytes).toString("base64"))).toEqual(Buffer.from(bytes)),
      ),
    );
  });

  it.each([
    "ZRFZgf_mGj2fp0LnvRTsjmMW6aY=",
    "ZRFZgf/mGj2fp0LnvRTsjmMW6aY",
    "PconnnMcl8OOMBmgdd7p670K=",
    "qiUI+5C3V6o4LtsIFcf33wzhlDxT8o+uluHcnrf2d7E===",
    "ZRFZgf/mGj2fp0LnvRTsjmMW6aZ=",
    " ZRFZgf/mGj2fp0LnvRTsjmMW6aY=",
    "ZRFZgf/mGj2fp0Ln\nvRTsjmMW6aY=",
    "in++valid",
    "==",
    "漢字",
  ])("refuses %j", (text) => expect(decodeBase64(text)).toBeUndefined());

  it("accepts no text but the one that its bytes are written as", () => {
    fc.assert(
      fc.property(fc.base64String(), fc.string(), (base64, noise) => {
        for (const text of [base64, base64 + noise, noise]) expect(decodeBase64(text)?.toString("base64") ?? text).toBe(text);
      }),
    );
  });
});

describe("decodeDigest", () => {
  it.each([
    ["hex", 20],
    ["hex", 32],
    ["base64", 20],
    ["base64", 32],
  ] as const)("reads %s of exactly %i bytes", (encoding, length) => {
    const write = (bytes: number) => Buffer.alloc(bytes, 7).toString(encoding);
    expect(decodeDigest(write(length), encoding, length)).toEqual(Buffer.alloc(length, 7));
    expect(decodeDigest(write(length - 1), encoding, length)).toBeUndefined();
    expect(decodeDigest(write(length + 1), encoding, length)).toBeUndefined();
    expect(decodeDigest("", encoding, length)).toBeUndefined();
  });
});
