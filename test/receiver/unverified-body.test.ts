import { gzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { type BodyRule, ReceiverRequest, unverifiedData } from "../../src/receiver/index.ts";

function read(body: string | Buffer, headers: Readonly<Record<string, string>>, bodyRule?: BodyRule, isDecoded = false): unknown {
  const rawHeaders = Object.entries(headers).flat();
  const parts = { method: "POST", url: "https://example.test/", rawHeaders, body: Buffer.from(body), isDecoded };
  return unverifiedData(new ReceiverRequest(bodyRule ? { ...parts, bodyRule } : parts));
}

/** JSON, and a form with other values, in the same bytes. */
const both = '{"id":"other","sig":"x","rest":"&id=signed&sig=right&"}';
const form = { "content-type": "application/x-www-form-urlencoded" };

describe("unverifiedData", () => {
  it("reads a body that can be read in two ways as the receiver reads it", () => {
    expect(read(both, form, { kinds: ["json"], ignoreContentType: true })).toMatchObject({ id: "other" });
    expect(read(both, form, { kinds: ["form", "json"] })).toMatchObject({ id: "signed" });
    expect(read(both, {}, { kinds: ["form"] })).toMatchObject({ id: "signed" });
    expect(read(both, {}, { kinds: ["json", "form"] })).toMatchObject({ id: "other" });
  });

  it.each<[string, string | Buffer, Readonly<Record<string, string>>, BodyRule | undefined]>([
    ["of another type than the receiver reads", both, form, { kinds: ["json"] }],
    ["that is compressed", gzipSync("{}"), { "content-encoding": "gzip" }, undefined],
    ["that says it is compressed", "{}", { "content-encoding": "br" }, undefined],
    ["that is XML", "<a/>", { "content-type": "application/xml" }, { kinds: ["xml"] }],
    ["that is XML by the receiver's rule", "<a/>", {}, { kinds: ["xml", "json"] }],
    ["that does not parse", "{", {}, undefined],
    ["that is not UTF-8", Buffer.from([0x22, 0xff, 0x22]), {}, undefined],
  ])("says nothing of a body %s", (_name, body, headers, rule) => expect(read(body, headers, rule)).toBeUndefined());

  it("reads what the receiver has decompressed, whatever the header says", () => {
    expect(read('{"a":1}', { "content-encoding": "gzip" }, { kinds: ["json"] }, true)).toEqual({ a: 1 });
  });

  it("gives a form's fields, not the payload in one of them", () => {
    expect(read("payload=%7B%7D&sig=a", form, { kinds: ["form"], jsonField: "payload" })).toEqual({ payload: "{}", sig: "a" });
  });
});
