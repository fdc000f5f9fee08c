import { describe, expect, it } from "@jest/globals";
import { base64OrTextSecret, base64Secret, hexSecret, secretTextFault, textSecret } from "../../src/receiver/secret-format.ts";

describe("textSecret", () => {
  it("is the text in UTF-8, whatever it looks like", () => {
    expect(textSecret.parse("whsec_Größe")).toEqual(Buffer.from("whsec_Größe"));
    expect(textSecret.byteLength("Größe")).toBe(7);
  });

  it("refuses the empty text", () => expect(textSecret.parse("")).toBeUndefined());
});

describe("base64Secret", () => {
  it("reads base64 with and without the prefix", () => {
    const format = base64Secret("whsec_");
    expect(format.parse("whsec_AQID")).toEqual(Buffer.from([1, 2, 3]));
    expect(format.parse("AQID")).toEqual(Buffer.from([1, 2, 3]));
    expect(format.byteLength("whsec_AQID")).toBe(3);
  });

  it.each(["whsec_", "", "whsec_AQI", "whsec_AQI_", "whsk_AQID", "whsec_whsec_AQID"])("refuses %j", (text) => {
    expect(base64Secret("whsec_").parse(text)).toBeUndefined();
    expect(base64Secret("whsec_").byteLength(text)).toBe(0);
  });
});

describe("base64OrTextSecret", () => {
  const format = base64OrTextSecret("whsec_");

  it("reads base64 behind the prefix, and refuses what is none", () => {
    expect(format.parse("whsec_AQID")).toEqual(Buffer.from([1, 2, 3]));
    expect(format.byteLength("whsec_AQID")).toBe(3);
    for (const text of ["whsec_", "whsec_AQI", "whsec_not base64"]) expect(format.parse(text)).toBeUndefined();
  });

  it("reads any other text as it is, base64 too", () => {
    expect(format.parse("AQID")).toEqual(Buffer.from("AQID"));
    expect(format.byteLength("AQID")).toBe(4);
    expect(format.parse("")).toBeUndefined();
  });
});

describe("hexSecret", () => {
  it("reads digits in either case and nothing else", () => {
    expect(hexSecret.parse("aBcD")).toEqual(Buffer.from([0xab, 0xcd]));
    expect(hexSecret.parse("abc")).toBeUndefined();
    expect(hexSecret.parse("")).toBeUndefined();
  });
});

describe("secretTextFault", () => {
  it.each([
    undefined,
    null,
    "",
    7,
    {},
    Buffer.from("secret"),
    "secret\n",
    " secret",
    "secret\r\n",
    "\tsecret",
    '"secret"',
    "'secret'",
    "`secret`",
  ])("finds fault with %j", (text) => {
    expect(secretTextFault(text)).toEqual(expect.any(String));
  });

  it.each(["secret", "two words", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", '"half', "it's"])(
    "finds none with %j",
    (text) => {
      expect(secretTextFault(text)).toBeUndefined();
    },
  );

  it("never repeats the text", () => expect(secretTextFault(" hunter2-hunter2 ")).not.toContain("hunter2"));
});
