import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest, readSource, type Source, textAt, valuesAt } from "../../src/receiver/index.ts";

const request = new ReceiverRequest({
  method: "POST",
  url: "https://example.test/?event=saved&empty=",
  rawHeaders: ["X-Event", "push", "x-event", "push", "x-event", "pull"],
});

function read(source: Source, data: unknown = {}, content = JSON.stringify(data)): readonly string[] {
  return readSource(source, { request, data, content: Buffer.from(content) });
}

describe("readSource", () => {
  it("reads every value of a header once", () => expect(read({ header: "X-EVENT" })).toEqual(["push", "pull"]));

  it("reads a query parameter, or else the value that stands in", () => {
    expect(read({ query: "event", otherwise: "change" })).toEqual(["saved"]);
    expect(read({ query: "empty", otherwise: "change" })).toEqual(["change"]);
    expect(read({ query: "absent" })).toEqual([]);
  });

  it("reads a path, and every item of a list", () => {
    expect(read({ body: "a.b" }, { a: { b: "c" } })).toEqual(["c"]);
    expect(read({ body: "list.*.name" }, { list: [{ name: "x" }, {}, { name: "y" }, { name: "x" }, { name: { no: "text" } }] })).toEqual([
      "x",
      "y",
    ]);
    expect(read({ body: "*.name" }, [{ name: "x" }])).toEqual(["x"]);
  });

  it("reads the first of several that finds something, and several joined", () => {
    const data = { kind: "order", verb: "paid", empty: "" };
    expect(read({ firstOf: [{ body: "none" }, { body: "empty" }, { body: "kind" }, { body: "verb" }] }, data)).toEqual(["order"]);
    expect(read({ firstOf: [{ body: "none" }] }, data)).toEqual([]);
    expect(read({ joined: [{ body: "kind" }, { body: "none" }, { body: "verb" }] }, data)).toEqual(["order.paid"]);
    expect(read({ joined: [{ body: "kind" }, { body: "verb" }], separator: "/" }, data)).toEqual(["order/paid"]);
    expect(read({ joined: [{ body: "none" }] }, data)).toEqual([]);
  });

  it("joins members of each item of a list", () => {
    const data = {
      events: [{ kind: "order", verb: "paid" }, { kind: "order" }, {}, null, { kind: 7, verb: "x" }, { kind: "order", verb: "paid" }],
    };
    expect(read({ each: "events.*", joined: ["kind", "verb"] }, data)).toEqual(["order.paid", "order", "7.x"]);
    expect(read({ each: "none.*", joined: ["kind"] }, data)).toEqual([]);
  });

  it("gives a name, and the name with what narrows it", () => {
    const source: Source = { name: { body: "kind" }, narrowedBy: { body: "verbs.*" } };
    expect(read(source, { kind: "flag", verbs: ["on", "off"] })).toEqual(["flag", "flag.on", "flag.off"]);
    expect(read(source, { kind: "flag" })).toEqual(["flag"]);
    expect(read(source, { verbs: ["on"] })).toEqual([]);
  });

  it("reads a constant and the result of a function", () => {
    expect(read({ value: "change" })).toEqual(["change"]);
    expect(read(() => undefined)).toEqual([]);
    expect(read(() => "a")).toEqual(["a"]);
    expect(read(() => ["a", "", "b"])).toEqual(["a", "b"]);
  });

  it("reads text and numbers, nothing else", () => {
    for (const value of [true, null, [], {}, ""]) expect(read({ body: "id" }, { id: value })).toEqual([]);
    expect(read({ body: "id" }, { id: 7 })).toEqual(["7"]);
  });

  it.each(["__proto__", "constructor", "constructor.name", "toString", "id.length", "list.length"])(
    "reads no inherited member: %s",
    (body) => {
      expect(read({ body }, { id: "text", list: [1] })).toEqual([]);
    },
  );

  it("reads the digits of an integer past 2^53", () => {
    const content = '{"id": 12345678901234567891, "list": [{"id": -9007199254740993}]}';
    expect(read({ body: "id" }, JSON.parse(content), content)).toEqual(["12345678901234567891"]);
    expect(read({ body: "list.*.id" }, JSON.parse(content), content)).toEqual(["-9007199254740993"]);
    expect(read({ body: "id" }, JSON.parse(content), `\ufeff${content}`)).toEqual(["12345678901234567891"]);
  });

  it("reads no more values than a delivery can sensibly have", () => {
    expect(
      read(
        { body: "*" },
        Array.from({ length: 5_000 }, (_, index) => index),
      ),
    ).toHaveLength(1_000);
  });
});

describe("textAt", () => {
  it("gives the first text that is not empty, in the order of the paths", () => {
    const data = { a: "", b: 7, c: [{ d: null }, { d: "text" }], e: "other" };
    expect(textAt(data, "a", "b", "c.*.d", "e")).toBe("text");
    expect(textAt(data, "e", "c.*.d")).toBe("other");
    for (const path of ["a", "b", "c", "x", "constructor.name"]) expect(textAt(data, path)).toBeUndefined();
    expect(textAt(data)).toBeUndefined();
  });
});

describe("valuesAt", () => {
  it("gives every value, of whatever type, and nothing where the path ends early", () => {
    expect(valuesAt({ a: [{ b: 1 }, { b: null }] }, "a.*.b")).toEqual([1, null]);
    for (const data of [undefined, null, "text", 7, []]) expect(valuesAt(data, "a.b")).toEqual([]);
  });
});
