import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { check, secret, segment, shared, token } from "./jwt-fixture.ts";

describe("a token's spelling", () => {
  it("is one alone", async () => {
    const text = await token({});
    const [header = "", payload = "", signature = ""] = text.split(".");
    // The last of 43 characters has two bits that say nothing.
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const respelled = signature.slice(0, -1) + digits[digits.indexOf(signature.slice(-1)) + 1];
    for (const other of [
      `${header}.${payload}.${respelled}`,
      `${header}.${payload}.${signature}=`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}=.${signature}`,
      `${header}.${payload}==.${signature}`,
      `${text} `,
      ` ${text}`,
      `${text}.`,
      `.${text}`,
      `${text}.x`,
      `${header}.${payload}`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header} .${payload}.${signature}`,
      `${header}.${payload}.${signature.replace(/^./, "+")}`,
      `${header}\n.${payload}.${signature}`,
      JSON.stringify({ protected: header, payload, signature }),
    ])
      expect(await check(shared, other)).toBe("signature_malformed");
    expect(await check(shared, text)).toBe(0);
  });

  it.each([
    ["a header that is no object", segment([]), segment({})],
    ["a header that is no JSON", segment("x"), segment({})],
    ["a payload that is no object", segment({ alg: "HS256" }), segment("1")],
    ["a payload that is a list", segment({ alg: "HS256" }), segment([])],
    ["a payload that is no UTF-8", segment({ alg: "HS256" }), Buffer.from('{"a":"\xff"}', "latin1").toString("base64url")],
    ["an unknown extension", segment({ alg: "HS256", crit: ["x"], x: 1 }), segment({})],
    ["no extension in a list", segment({ alg: "HS256", crit: [] }), segment({})],
    ["an extension that is no list", segment({ alg: "HS256", crit: "b64", b64: false }), segment({})],
    ["a payload that is signed as it is", segment({ alg: "HS256", crit: ["b64"], b64: false }), segment({})],
    ["an extension that is not marked", segment({ alg: "HS256", b64: false }), segment({})],
  ])("is refused with %s, though it be signed", async (_name, first, second) => {
    const signature = createHmac("sha256", secret).update(`${first}.${second}`).digest("base64url");
    expect(await check({ ...shared, requireExpiry: false }, `${first}.${second}.${signature}`)).toBe("signature_malformed");
  });

  it("is at most 16 KiB", async () => {
    expect(await check(shared, await token({ x: "x".repeat(11_000) }))).toBe(0);
    expect(await check(shared, await token({ x: "x".repeat(13_000) }))).toBe("signature_malformed");
  });

  it("of any other text is malformed, and nothing throws", () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ minLength: 1 }),
          fc.array(fc.base64String(), { maxLength: 5 }).map((all) => `x${all.join(".")}`),
        ),
        async (text) => {
          expect(await check(shared, text)).toBe("signature_malformed");
        },
      ),
    ));
});
