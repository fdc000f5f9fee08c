import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { escapeXml } from "../../src/receiver/index.ts";
import { parseXml } from "../../src/receiver/xml.ts";

describe("a text as XML", () => {
  it("has no character that could end it", () => {
    expect(escapeXml(`</a> & "b" 'c'\t\r\n`)).toBe("&#60;/a&#62; &#38; &#34;b&#34; &#39;c&#39;&#9;&#13;&#10;");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => expect(escapeXml(text)).not.toMatch(/[<>"'\t\r\n]|&(?!#\d+;)/)));
  });

  it("reads as the same text, as content and as an attribute", () => {
    const text = `größer < "a" & 'b' ]]> <!-- &amp; 😀`;
    expect(parseXml(`<x y="${escapeXml(text)}" z='${escapeXml(text)}'>${escapeXml(text)}</x>`)).toEqual({
      x: { "#text": text, "@y": text, "@z": text },
    });
  });

  it("loses what XML cannot hold, and nothing else", () => {
    expect(escapeXml("a\u0000\u0008\u001b\ud800\ufffe\uffffb")).toBe("ab");
    expect(escapeXml("\u0020\u007f\ud7ff\ue000\ufffd😀")).toBe("\u0020\u007f\ud7ff\ue000\ufffd😀");
  });
});
