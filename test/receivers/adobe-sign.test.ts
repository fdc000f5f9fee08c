import { describe, expect, it } from "@jest/globals";
import { adobeSign } from "../../receivers/adobe-sign.ts";
import { type DefaultAnswer, ReceiverRequest, rawHeadersOf } from "../../src/receiver/index.ts";

const clientId = "CBJCHBCAABAAo8FojvuHfsgfqKPVsLh2K_-U7eZyAEHo";

function shaped(answer: DefaultAnswer, given: string | undefined = clientId): DefaultAnswer | undefined {
  const rawHeaders = rawHeadersOf(given === undefined ? {} : { "X-AdobeSign-ClientId": given });
  return adobeSign.shapeAnswer?.(answer, new ReceiverRequest({ method: "POST", url: "/", rawHeaders }));
}

describe("an answer to Acrobat Sign", () => {
  it("carries the client id back beside what a handler answers", () => {
    expect(shaped({ status: 200 })).toEqual({ status: 200, headers: { "x-adobesign-clientid": clientId } });
    expect(shaped({ status: 202, headers: { "x-a": "b", "X-AdobeSign-ClientId": "other" }, body: "ok" })).toEqual({
      status: 202,
      headers: { "x-a": "b", "x-adobesign-clientid": clientId },
      body: "ok",
    });
  });

  it("carries nothing back where it is an error", () => {
    const refusal = { status: 401, body: "{}" };
    expect(shaped(refusal)).toBe(refusal);
  });

  it.each(["a b", "a\u00e9", "", "x".repeat(201)])("does not carry %j back, which is no client id", (given) => {
    expect(shaped({ status: 200 }, given)).toEqual({ status: 200 });
  });
});
