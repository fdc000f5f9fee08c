import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { type BodyRule, bodyOrField, hmac, ReceiverRequest } from "../../../src/receiver/index.ts";

const scheme = hmac({ header: "x-sig", signed: bodyOrField("payload") });
const rule: BodyRule = { kinds: ["json", "form"], jsonField: "payload" };
const json = '{"text":"Größe & mehr"}';
const form = "application/x-www-form-urlencoded";

function verify(body: string, contentType: string | undefined, signed: string, bodyRule = rule) {
  const rawHeaders = ["x-sig", createHmac("sha256", "key").update(signed).digest("hex")];
  if (contentType !== undefined) rawHeaders.push("content-type", contentType);
  const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders, body: Buffer.from(body), bodyRule });
  return scheme.verify(request, [Buffer.from("key")], { now: 0 });
}

describe("bodyOrField", () => {
  it("signs the bytes of a body that is no form", () => {
    expect(verify(json, "application/json", json)).toMatchObject({ verified: true });
    expect(verify(json, undefined, json)).toMatchObject({ verified: true });
  });

  it.each([form, "Application/X-WWW-Form-URLencoded; charset=utf-8"])("signs the decoded field of a form of type %s", (type) => {
    const body = new URLSearchParams({ payload: json }).toString();
    expect(verify(body, type, json)).toMatchObject({ verified: true });
    expect(verify(body, type, body)).toMatchObject({ verified: false, code: "signature_mismatch" });
  });

  it("tells a form as the body's reader does", () => {
    const body = new URLSearchParams({ payload: json }).toString();
    expect(verify(body, undefined, json, { kinds: ["form"], jsonField: "payload" })).toMatchObject({ verified: true });
    expect(verify(body, undefined, json)).toMatchObject({ verified: false });
    expect(verify(body, form, json, { kinds: ["json"], ignoreContentType: true })).toMatchObject({ verified: false });
  });

  it.each(["payload=a&payload=b", "other=a", ""])("refuses the form %j, which has not one such field", (body) => {
    expect(verify(body, form, "a")).toMatchObject({ verified: false, code: "signed_part_missing" });
  });
});
