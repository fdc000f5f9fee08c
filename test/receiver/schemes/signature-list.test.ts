import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readSignatures, type SignatureForm, writeSignatures } from "../../../src/receiver/schemes/signature-list.ts";

const stripe: SignatureForm = { form: "pairs", timestamp: "t", signature: "v1" };
const single: SignatureForm = { form: "pairs", signature: "sha256" };
const whole: SignatureForm = { form: "whole", prefix: "sha256=" };

describe("a list of pairs", () => {
  it("gives every signature and the one time, whatever else it holds", () => {
    expect(readSignatures("t=1,v1=a,v0=b,v1=c,__proto__=x,constructor=y", stripe)).toEqual({ signatures: ["a", "c"], timestamp: "1" });
  });

  it.each(["sha256=ab", " sha256=ab", "sha256 =ab", "sha256= ab ", "sha256=ab,sha1=cd"])(
    "tolerates blanks round the parts of %j",
    (value) => {
      expect(readSignatures(value, single)).toEqual({ signatures: ["ab"] });
    },
  );

  it.each(["", "=", "==", "invalid", "sha256", "k1=v1;k2=v2", "sha1=ab", "SHA256=ab", " =ab", "sha256=ab,", ",sha256=ab"])(
    "refuses %j",
    (value) => {
      expect(readSignatures(value, single)).toBeUndefined();
    },
  );

  it.each([
    "你好世界",
    "invalid",
    "==",
    ",=,=,",
    "",
    "t=1",
    "v1=a",
    "v0=a",
    "a=b, b=c, c=d, e=f",
    "t=1,t=1,v1=a",
    "t=1,v1=a,b",
    "T=1,V1=a",
  ])("with a time refuses %j", (value) => {
    expect(readSignatures(value, stripe)).toBeUndefined();
  });

  it("holds at most 16 signatures", () => {
    const list = (count: number) => `t=1${",v1=a".repeat(count)}`;
    expect(readSignatures(list(16), stripe)?.signatures).toHaveLength(16);
    expect(readSignatures(list(17), stripe)).toBeUndefined();
  });
});

describe("a whole value", () => {
  it("is what follows the prefix, in its exact spelling", () => {
    expect(readSignatures("sha256=ab", whole)).toEqual({ signatures: ["ab"] });
    for (const value of ["SHA256=ab", " sha256=ab", "sha1=ab", "sha256=", "ab", ""]) expect(readSignatures(value, whole)).toBeUndefined();
    expect(readSignatures("ab", { form: "whole" })).toEqual({ signatures: ["ab"] });
  });
});

describe("any form", () => {
  it.each([stripe, single, whole, { form: "pairs", signature: "h1", timestamp: "ts", separator: ";" } as const])(
    "is read as it was written: %j",
    (form) => {
      expect(readSignatures(writeSignatures("ab12", "17", form), form)).toMatchObject({ signatures: ["ab12"] });
    },
  );

  it("never throws, whatever the value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.constantFrom(stripe, single, whole), (value, form) => void readSignatures(value, form)),
    );
  });

  it.each([",", "=", "t=1,", "v1=a,", "sha256=", " ", "=,"])("is read in linear time, when crafted of %j", (piece) => {
    const value = piece.repeat(65_536 / piece.length);
    const start = performance.now();
    for (const form of [stripe, single, whole]) readSignatures(value, form);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
