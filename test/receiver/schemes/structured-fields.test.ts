import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type InnerList, isInnerList, parseDictionary, serializeInnerList } from "../../../src/receiver/schemes/structured-fields.ts";

describe("a dictionary", () => {
  it("holds items and inner lists with parameters", () => {
    const members = parseDictionary('sig1=("@method" "@path";a);created=1;keyid="a\\"b\\\\";x, flag, b=:AQI=:;p=?0, t=foo/bar, n=-12');
    const list = members?.get("sig1") as InnerList;
    expect(list.items.map(({ value }) => value)).toEqual(["@method", "@path"]);
    expect(list.items[1]?.parameters.get("a")).toBe(true);
    expect([...list.parameters]).toEqual([
      ["created", 1],
      ["keyid", 'a"b\\'],
      ["x", true],
    ]);
    expect(members?.get("flag")).toEqual({ value: true, parameters: new Map() });
    expect(members?.get("b")).toEqual({ value: Buffer.from([1, 2]), parameters: new Map([["p", false]]) });
    expect(members?.get("t")).toEqual({ value: { token: "foo/bar" }, parameters: new Map() });
    expect(members?.get("n")).toEqual({ value: -12, parameters: new Map() });
  });

  it.each([
    "a=1,",
    ",a=1",
    "a=1,,b=2",
    "a=1;b=1;b=2",
    "a=1, a=2",
    "A=1",
    "a= 1",
    'a="x',
    'a="\\x"',
    'a="\u00e9"',
    "a=:AQI:",
    "a=:AQI=",
    "a=:AQJ=:",
    "a=:A-I=:",
    "a=1.5",
    "a=1234567890123456",
    "a=?2",
    'a=("x""y")',
    'a=("x"',
    "a=(1) x",
    "a=1 b=2",
    "a=@1",
    "",
  ])("is not %j", (text) => expect(parseDictionary(text)).toBeUndefined());

  it("has an end: more than 8,192 characters or 64 members are refused", () => {
    expect(parseDictionary(`a="${"x".repeat(8_188)}"`)).toBeDefined();
    expect(parseDictionary(`a="${"x".repeat(8_189)}"`)).toBeUndefined();
    const members = (count: number): string => Array.from({ length: count }, (_, i) => `a${i}`).join(", ");
    expect(parseDictionary(members(64))?.size).toBe(64);
    expect(parseDictionary(members(65))).toBeUndefined();
    expect(parseDictionary(`a=(${'"x" '.repeat(64)})`)).toBeDefined();
    expect(parseDictionary(`a=(${'"x" '.repeat(65)})`)).toBeUndefined();
  });

  it("never throws, whatever the text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => parseDictionary(text) === undefined || true));
    fc.assert(fc.property(fc.stringMatching(/^[a-c=()";:?01 ,\\]*$/), (text) => parseDictionary(text) === undefined || true));
  });
});

describe("an inner list", () => {
  it.each(['("a" "b");created=1;keyid="x\\"y"', "()", "();a", '("@query-param";name="x" "c";sf);n=:AQI=:;t=tok;b=?0'])(
    "is written as it was read: %s",
    (text) => {
      const member = parseDictionary(`sig=${text}`)?.get("sig");
      expect(isInnerList(member) && serializeInnerList(member)).toBe(text);
    },
  );

  it("is written in its one spelling", () => {
    const member = parseDictionary('sig=(  "a"   "b" ); created=1')?.get("sig");
    expect(isInnerList(member) && serializeInnerList(member)).toBe('("a" "b");created=1');
  });
});
