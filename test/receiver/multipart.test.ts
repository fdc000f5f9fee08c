import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseMultipart } from "../../src/receiver/multipart.ts";

const type = "multipart/form-data; boundary=XyZ";
const part = (head: string, value: string): string => `--XyZ\r\n${head}\r\n\r\n${value}\r\n`;
const field = (name: string, value: string): string => part(`Content-Disposition: form-data; name="${name}"`, value);
const parse = (text: string, contentType = type, maxParts = 10) => parseMultipart(Buffer.from(text, "utf8"), contentType, maxParts);

/** The code of a refusal. */
function refusal(text: string, contentType = type, maxParts = 10): string | undefined {
  try {
    parse(text, contentType, maxParts);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe("parseMultipart", () => {
  it("reads text fields, keeps repeated ones, and leaves files out", () => {
    const file = part('Content-Disposition: form-data; name="file"; filename="../../x.png"\r\nContent-Type: image/png', "\u0001\u0002");
    const body = `${field("json", '{"a":"ä"}')}${field("tag", "one")}${file}${field("tag", "two")}--XyZ--\r\n`;
    expect({ ...parse(body) }).toEqual({ json: '{"a":"ä"}', tag: ["one", "two"] });
  });

  it("takes a quoted boundary, and values that hold line breaks and dashes", () => {
    const body = `${field("a", "one\r\n--two\r\n--Xy")}--XyZ--`;
    expect({ ...parse(body, 'multipart/form-data; charset=utf-8; boundary="XyZ"') }).toEqual({ a: "one\r\n--two\r\n--Xy" });
  });

  it.each([
    ["there is no boundary", `${field("a", "1")}--XyZ--`, "multipart/form-data"],
    ["the boundary is another", `${field("a", "1")}--XyZ--`, "multipart/form-data; boundary=other"],
    ["the last delimiter is missing", field("a", "1"), type],
    ["a part has no head", "--XyZ\r\nvalue\r\n--XyZ--", type],
    ["a part has no name", `${part("Content-Disposition: form-data", "1")}--XyZ--`, type],
    ["a part has an endless head", `${part(`Content-Disposition: form-data; name="a"\r\nX: ${"x".repeat(5_000)}`, "1")}--XyZ--`, type],
    ["there is text before the first part", `preamble\r\n${field("a", "1")}--XyZ--`, type],
  ])("is refused where %s", (_case, body, contentType) => expect(refusal(body, contentType)).toBe("malformed_body"));

  it("is refused where it has too many parts or a hostile name", () => {
    expect(refusal(`${field("a", "1").repeat(11)}--XyZ--`)).toBe("too_complex");
    expect(refusal(`${field("__proto__", "1")}--XyZ--`)).toBe("hostile_body");
  });

  it("never throws anything but a refusal", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("--XyZ", "--", "\r\n", "\r\n\r\n", 'Content-Disposition: form-data; name="a"', "x", ";")),
        (pieces) => {
          expect([undefined, "malformed_body", "too_complex"]).toContain(refusal(pieces.join("")));
        },
      ),
    );
  });
});
