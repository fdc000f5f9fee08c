import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type BodyKind, parseBody, parseForm } from "../../src/receiver/body.ts";

const limits = { maxDepth: 100, maxKeys: 10_000 };

async function read(
  text: string | Buffer,
  contentType: string | undefined = "application/json",
  kinds: readonly BodyKind[] = ["json"],
  jsonField?: string,
) {
  return (await parseBody(Buffer.from(text), contentType, { kinds, ...(jsonField === undefined ? {} : { jsonField }) }, limits)).data;
}

function code(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => "read",
    (error: { code?: unknown }) => error.code ?? error,
  );
}

describe("the content type", () => {
  it.each([
    "application/json",
    "application/hal+json",
    "application/hal+json;x=y",
    "text/json",
    "text/json;x=y",
    "text/hal+json",
    " Application/JSON ; charset=utf-8",
    undefined,
    "",
    " ",
  ])("%j is JSON", async (type) => expect(await read("{}", type)).toEqual({}));

  it.each([
    "app/json",
    "other/json",
    "applicationnnn/json",
    "text/jsonxyz",
    "application/xyzjson",
    "application/hal-json",
    "application/hal;json",
    "application/xml",
    "json",
    "application/json, text/plain",
  ])("%j is not JSON", async (type) => expect(await code(read("{}", type))).toBe("unsupported_media_type"));

  it.each(["application/xml", "text/xml", "application/soap+xml", "application/soap+xml;x=y"])("%j is XML", async (type) =>
    expect(await read("<a>1</a>", type, ["xml"])).toEqual({ a: "1" }),
  );

  it.each(["app/xml", "application/xmlxyz", "application/xyzxml", "application/hal-xml", "application/json"])(
    "%j is not XML",
    async (type) => {
      expect(await code(read("<a/>", type, ["xml"]))).toBe("unsupported_media_type");
    },
  );

  it("chooses among the receiver's kinds, the first where there is none", async () => {
    expect(await read("a=1", "application/x-www-form-urlencoded", ["json", "form"])).toEqual({ a: "1" });
    expect(await read("{}", "", ["text", "json"])).toBe("{}");
    expect(await code(read("a=1", "multipart/form-data; boundary=x", ["json", "form"]))).toBe("unsupported_media_type");
  });
});

describe("a JSON body", () => {
  it.each([
    "{}",
    "[1,2,3]",
    '"data"',
    "1234",
    "1234.5678",
    "null",
    "true",
    '{"then":1,"toJSON":2,"toString":3,"length":4,"hasOwnProperty":5,"constructor":6}',
    '{"a":1,"a":2}',
  ])("%s is its value", async (text) => {
    expect(await read(text)).toEqual(JSON.parse(text));
  });

  it.each(["", " ", "{", "[1,]", "{'a':1}", "NaN", "\0", '{"a":1}x', "\ud800"])("%j is malformed", async (text) =>
    expect(await code(read(text))).toBe("malformed_body"),
  );

  it("may begin with a byte order mark", async () => expect(await read("\ufeff{}")).toEqual({}));

  it.each([
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    Buffer.from([0x22, 0xc3, 0x22]),
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
  ])("that is not UTF-8 is malformed", async (bytes) => {
    expect(await code(read(bytes))).toBe("malformed_body");
  });

  it.each(['{"__proto__":{}}', '{"a":[{"__proto__":null}]}', '{"\\u005f_proto__":1}', '{"constructor":{"prototype":{}}}'])(
    "%s is hostile",
    async (text) => {
      expect(await code(read(text))).toBe("hostile_body");
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  it("is refused past the limits of depth and width", async () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(await code(read(nested(100)))).toBe("read");
    expect(await code(read(nested(101)))).toBe("too_complex");
    expect(await code(read(nested(500_000)))).not.toBe("read");
    expect(await code(read(JSON.stringify(Array(10_000).fill(0))))).toBe("read");
    expect(await code(read(JSON.stringify(Array(10_001).fill(0))))).toBe("too_complex");
    expect(await code(read(JSON.stringify({ a: Array(6_000).fill(0), b: Array(6_000).fill(0) })))).toBe("too_complex");
  });

  it("tells of integers that lose digits", async () => {
    const parse = (text: string) => parseBody(Buffer.from(text), undefined, { kinds: ["json"] }, limits);
    expect(await parse('{"a":[9007199254740993]}')).toMatchObject({ hasUnsafeIntegers: true });
    expect(await parse('{"a":[9007199254740991]}')).toMatchObject({ hasUnsafeIntegers: false });
  });

  it("never fails but with a code", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (text) =>
        expect(["read", "malformed_body", "hostile_body", "too_complex"]).toContain(await code(read(text))),
      ),
    );
  });
});

describe("a form", () => {
  const form = "application/x-www-form-urlencoded";

  it("keeps repeated names apart, and empty and odd ones as they are", async () => {
    expect(await read("a=1&b=&a=2&a=1&c&=d&e%5Bf%5D=g+h%2B&a%=%zz", form, ["form"])).toEqual({
      a: ["1", "2", "1"],
      b: "",
      c: "",
      "": "d",
      "e[f]": "g h+",
      "a%": "%zz",
    });
  });

  it("has no prototype and takes no reserved name", async () => {
    const fields = await read("constructor=1&toString=2", form, ["form"]);
    expect(Object.getPrototypeOf(fields)).toBeNull();
    expect(await code(read("__proto__=1", form, ["form"]))).toBe("hostile_body");
    expect(await code(read("%5f_proto__=1", form, ["form"]))).toBe("hostile_body");
  });

  it("is refused past the limit of fields", () => {
    expect(parseForm("a&".repeat(10), 10)).toEqual({ a: Array(10).fill("") });
    expect(() => parseForm("a&".repeat(11), 10)).toThrow(expect.objectContaining({ code: "too_complex" }));
  });

  it("holds its payload in one field where the receiver says so", async () => {
    expect(await read('payload={"a":1}&b=2', form, ["form"], "payload")).toEqual({ a: 1 });
    expect(await read("b=2", form, ["form"], "payload")).toEqual({ b: "2" });
    expect(await code(read("payload={", form, ["form"], "payload"))).toBe("malformed_body");
    expect(await code(read('payload={"__proto__":1}', form, ["form"], "payload"))).toBe("hostile_body");
    expect(await code(read("payload={}&payload={}", form, ["form"], "payload"))).toBe("malformed_body");
  });

  it("reads back every list of fields", () => {
    const names = fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__");
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.string({ unit: "grapheme" }))), (fields) => {
        const parsed = parseForm(new URLSearchParams(fields).toString(), 10_000);
        for (const [name] of fields) {
          const values = fields.filter(([other]) => other === name).map(([, value]) => value);
          expect(parsed[name]).toEqual(values.length === 1 ? values[0] : values);
        }
      }),
    );
  });
});
