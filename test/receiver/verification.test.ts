import { describe, expect, it } from "@jest/globals";
import { hmac, ReceiverRequest, type Scheme } from "../../src/receiver/index.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";

const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders: [] });

function schemeThat(verify: () => unknown): Scheme {
  return { ...hmac({ header: "x" }), verify } as unknown as Scheme;
}

describe("verifyRequest", () => {
  it.each([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    [
      "throws nothing sensible",
      () => {
        throw null;
      },
    ],
    ["returns nothing", () => undefined],
    ["returns null", () => null],
    ["returns true", () => true],
    ["returns text", () => "verified"],
    ["returns a promise of true", async () => true],
    ["returns a promise that rejects", async () => Promise.reject(new Error("boom"))],
    ["returns something like true", () => ({ verified: "true", secretIndex: 0 })],
    ["names no secret", () => ({ verified: true })],
    ["names a secret that there is not", () => ({ verified: true, secretIndex: 1 })],
    ["names a secret before the first", () => ({ verified: true, secretIndex: -1 })],
    ["names half a secret", () => ({ verified: true, secretIndex: 0.5 })],
    ["fails without a code", () => ({ verified: false })],
  ])("takes a check that %s for a failed one", async (_name, verify) => {
    expect(await verifyRequest(schemeThat(verify), request, ["key"], { now: 0 })).toMatchObject({
      verified: false,
      code: "verification_failed",
    });
  });

  it("fails without a key, whatever the check says", () => {
    expect(
      verifyRequest(
        schemeThat(() => ({ verified: true, secretIndex: 0 })),
        request,
        [],
        { now: 0 },
      ),
    ).toMatchObject({ verified: false });
  });

  it("passes on an exact success and an exact failure", () => {
    expect(
      verifyRequest(
        schemeThat(() => ({ verified: true, secretIndex: 1 })),
        request,
        ["a", "b"],
        { now: 0 },
      ),
    ).toEqual({ verified: true, secretIndex: 1 });
    expect(
      verifyRequest(
        schemeThat(() => ({ verified: false, code: "signature_missing", hint: "" })),
        request,
        ["a"],
        { now: 0 },
      ),
    ).toMatchObject({ code: "signature_missing" });
  });
});
