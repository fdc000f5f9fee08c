import { describe, expect, it } from "@jest/globals";
import { parseXml } from "../../src/receiver/xml.ts";

function code(text: string): unknown {
  try {
    parseXml(text);
    return "read";
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

describe("parseXml", () => {
  it("reads attributes, lists and text, every value as text", () => {
    expect(parseXml('<?xml version="1.0"?><a x="1"><b>007</b><b>true</b><c><![CDATA[<&>]]></c><d>&lt;&#65;&amp;</d></a>')).toMatchObject({
      a: { "@x": "1", b: ["007", "true"], c: "<&>", d: "<A&" },
    });
  });

  it.each(["<a>", "<a></b>", "<a x=1/>", "text"])("refuses %j", (text) => expect(code(text)).toBe("malformed_body"));

  it.each([
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<!doctype a SYSTEM "http://127.0.0.1/x"><a/>',
    '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>',
  ])("refuses every DOCTYPE: %s", (text) => expect(code(text)).toBe("hostile_body"));

  it("lets no element change a prototype", () => {
    code("<a><__proto__><polluted>1</polluted></__proto__></a>");
    code("<__proto__ polluted='1'/>");
    code("<constructor><prototype><polluted>1</polluted></prototype></constructor>");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
