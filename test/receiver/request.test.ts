import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest, RequestHeaders, rawHeadersOf } from "../../src/receiver/request.ts";

describe("RequestHeaders", () => {
  const headers = new RequestHeaders(["X-One", "1", "x-two", "a", "X-TWO", "b", "__proto__", "x"]);

  it("finds a header in any case and keeps repeated ones apart", () => {
    expect(headers.all("x-one")).toEqual(["1"]);
    expect(headers.all("X-Two")).toEqual(["a", "b"]);
    expect(headers.all("x-three")).toEqual([]);
  });

  it("gives no value of a repeated header", () => {
    expect(headers.get("X-ONE")).toBe("1");
    expect(headers.get("x-two")).toBeUndefined();
  });

  it("makes an object without prototype", () => {
    const object = headers.toObject();
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.entries(object)).toEqual([
      ["x-one", "1"],
      ["x-two", "a, b"],
      ["__proto__", "x"],
    ]);
  });
});

describe("ReceiverRequest", () => {
  it.each([
    ["https://example.test/a", []],
    ["https://example.test/a?", []],
    [
      "https://example.test/a?b=1&b=2&c=%2B+",
      [
        ["b", "1"],
        ["b", "2"],
        ["c", "+ "],
      ],
    ],
    ["https://example.test/a?b=1#c?d=2", [["b", "1"]]],
    ["https://example.test/a?b=%FF%zz", [["b", "\ufffd%zz"]]],
  ])("reads the query of %s", (url, expected) => {
    expect([...new ReceiverRequest({ method: "GET", url, rawHeaders: [] }).query]).toEqual(expected);
  });

  it("has an empty body where none is given", () =>
    expect(new ReceiverRequest({ method: "GET", url: "/", rawHeaders: [] }).body.length).toBe(0));
});

describe("rawHeadersOf", () => {
  it("repeats lists and leaves out what is undefined", () => {
    expect(rawHeadersOf({ a: "1", b: ["2", "3"], c: undefined })).toEqual(["a", "1", "b", "2", "b", "3"]);
  });
});
