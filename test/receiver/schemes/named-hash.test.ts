import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { hmacNamedBy, type NamedHashOptions, ReceiverRequest } from "../../../src/receiver/index.ts";

const hashes = { SHA256: "sha256", SHA512: "sha512" } as const;
const byHeader = hmacNamedBy({ header: "x-sig", hashName: { header: "x-alg" }, hashes });
const byPrefix = hmacNamedBy({ header: "x-sig", hashName: "prefix", hashes: { "sha256=": "sha256", "sha512=": "sha512" } });
const context = { now: 0 };
const key = Buffer.from("key");

function request(...rawHeaders: string[]): ReceiverRequest {
  return new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders, body: Buffer.from("body") });
}

function mac(hash: string): string {
  return createHmac(hash, key).update("body").digest("hex");
}

describe("hmacNamedBy", () => {
  it.each(["256", "512"])("verifies with SHA-%s where the request names it", (bits) => {
    const signature = mac(`sha${bits}`);
    expect(byHeader.verify(request("X-Sig", signature, "X-Alg", `SHA${bits}`), [key], context)).toMatchObject({ verified: true });
    expect(byPrefix.verify(request("X-Sig", `sha${bits}=${signature}`), [key], context)).toMatchObject({ verified: true });
  });

  it.each([
    ["no hash", []],
    ["a hash that is not in the list", ["X-Alg", "SHA1"]],
    ["a member of every object", ["X-Alg", "constructor"]],
    ["two hashes", ["X-Alg", "SHA256", "X-Alg", "SHA256"]],
  ])("refuses a request that names %s", (_name, headers) => {
    const given = request("X-Sig", mac("sha256"), ...headers);
    expect(byHeader.verify(given, [key], context)).toMatchObject({ verified: false, code: "signature_malformed" });
  });

  it.each([`sha1=${mac("sha1")}`, mac("sha256"), `SHA256=${mac("sha256")}`])("refuses the prefix of %s", (signature) => {
    expect(byPrefix.verify(request("X-Sig", signature), [key], context)).toMatchObject({ verified: false, code: "signature_malformed" });
  });

  it("refuses a digest of another hash than the one that is named", () => {
    const given = request("X-Sig", mac("sha512"), "X-Alg", "SHA256");
    expect(byHeader.verify(given, [key], context)).toMatchObject({ verified: false, code: "signature_malformed" });
  });

  it.each([
    ["missing", [], "signature_missing"],
    ["repeated", ["X-Sig", mac("sha256"), "X-Sig", mac("sha256")], "signature_repeated"],
  ])("says that a signature is %s", (_name, headers, code) => {
    expect(byHeader.verify(request(...headers, "X-Alg", "SHA256"), [key], context)).toMatchObject({ verified: false, code });
    expect(byPrefix.verify(request(...headers), [key], context)).toMatchObject({ verified: false, code });
  });

  it("signs with the first hash and names it", () => {
    const signed = byHeader.sign?.(request(), "key", context);
    expect(signed?.headers).toEqual({ "x-sig": mac("sha256"), "x-alg": "SHA256" });
    expect(byPrefix.sign?.(request(), "key", context).headers).toEqual({ "x-sig": `sha256=${mac("sha256")}` });
  });

  it("counts the name of the hash to the proof", () => expect(byHeader.proofHeaders).toEqual(["x-sig", "x-alg"]));

  it("wants a hash", () => {
    expect(() => hmacNamedBy({ header: "x-sig", hashName: "prefix", hashes: {} } as NamedHashOptions)).toThrow(TypeError);
  });
});
