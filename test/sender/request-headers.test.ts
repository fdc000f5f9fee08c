import { describe, expect, test } from "@jest/globals";
import { readHeaders } from "../../src/sender/request-headers.ts";

const url = new URL("https://hooks.example.com/");
const read = (headers: Record<string, string>) => readHeaders(headers, url);
const blocked = expect.objectContaining({ code: "request_blocked" });

describe("readHeaders()", () => {
  test("adds who asks, and that no encoding is wanted", () => {
    expect(read({})).toEqual({ "user-agent": "Hookwright", "accept-encoding": "identity" });
  });

  test("keeps the caller's spelling, and lets him say who asks", () => {
    expect(read({ "X-Custom": "a\tb", "User-Agent": "Mine" })).toEqual({
      "X-Custom": "a\tb",
      "User-Agent": "Mine",
      "accept-encoding": "identity",
    });
  });

  test.each([
    "host",
    "Host",
    "connection",
    "transfer-encoding",
    "Transfer-Encoding",
    "upgrade",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "content-length",
    "proxy-connection",
  ])("refuses %s", (name) => {
    expect(() => read({ [name]: "x" })).toThrow(blocked);
  });

  test.each(["a\r\nb: c", "a\nb", "a\rb", "a\0b", "a\u007f", "é", "😀"])("refuses the value %p", (value) => {
    expect(() => read({ "x-a": value })).toThrow(blocked);
  });

  test.each(["", "a b", "a:", "a\r\nb", "é", "a(b)"])("refuses the name %p", (name) => {
    expect(() => read({ [name]: "x" })).toThrow(blocked);
  });

  test("refuses one name in two spellings", () => {
    expect(() => read({ "X-A": "1", "x-a": "2" })).toThrow(blocked);
  });

  test("refuses a value that is no text", () => {
    expect(() => read({ "x-a": ["1", "2"] as never })).toThrow(blocked);
  });

  test("does not tell the value that it refuses", () => {
    expect(() => read({ "x-a": "canary\n" })).toThrow(expect.objectContaining({ message: expect.not.stringContaining("canary") }));
  });
});
