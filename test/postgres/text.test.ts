import { describe, expect, it } from "@jest/globals";
import { binaryArray } from "../../src/postgres/binary-array.ts";
import { fromColumn, toColumn } from "../../src/postgres/text.ts";

describe("text in a column", () => {
  it("is any text, and itself where it can be", () => {
    for (const text of ["", "plain", '{"json":"\\u0000"}', "é\u{1f600}"]) expect(toColumn(text)).toBe(text);
    for (const text of ["\u0000", "a\u00100000b", "\ud800", "\udc00\ud800", "\u0010", "\u0000\u{1f600}\ud83d"]) {
      const column = toColumn(text);
      expect(column).not.toContain("\u0000");
      expect(column).not.toMatch(/\p{Surrogate}/u);
      expect(fromColumn(column)).toBe(text);
    }
  });
});

describe("an array in PostgreSQL's binary format", () => {
  it("has no dimension where it is empty", () => {
    expect(binaryArray("text", []).toString("hex")).toBe("000000000000000000000019");
  });

  it("has each item after its size", () => {
    const header = "00000001000000000000001100000002" + "00000001";
    expect(binaryArray("bytea", [Uint8Array.of(1, 2), new Uint8Array()]).toString("hex")).toBe(`${header}000000020102${"00000000"}`);
  });
});
