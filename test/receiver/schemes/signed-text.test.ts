import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest } from "../../../src/receiver/index.ts";
import { compileSignedText, readSignedText } from "../../../src/receiver/schemes/signed-text.ts";

const request = new ReceiverRequest({
  method: "POST",
  url: "https://example.test/?a={body}",
  rawHeaders: ["X-Id", "7", "X-Twice", "1", "X-Twice", "2", "X-Empty", ""],
  body: Buffer.from("{timestamp}"),
});

describe("a template", () => {
  it("takes each part as it is, and no part for a template", () => {
    const text = readSignedText(compileSignedText("v0:{timestamp}:{header:X-ID}:{url}:{body}"), request, "17");
    expect("pieces" in text && text.pieces.join("")).toBe("v0:17:7:https://example.test/?a={body}:{timestamp}");
  });

  it.each(["absent", "x-twice", "x-empty"])("is not read while the header %s is missing, repeated or empty", (name) => {
    expect(readSignedText(compileSignedText(`{header:${name}}{body}`), request, "")).toEqual({ missing: `the header ${name}` });
  });

  it("says what it covers", () => {
    expect(compileSignedText("{timestamp}.{body}")).toMatchObject({
      coversBody: true,
      coversUrl: false,
      coversTimestamp: true,
      headers: [],
    });
    expect(compileSignedText("{url}{header:X-Id}")).toMatchObject({
      coversBody: false,
      coversUrl: true,
      coversTimestamp: false,
      headers: ["x-id"],
    });
  });

  it.each(["{Body}", "{}", "{header:}", "{header}", "{time}"])("with the placeholder %s is refused", (template) =>
    expect(() => compileSignedText(template)).toThrow(TypeError),
  );
});
