import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { failed, ReceiverRequest, rawHeadersOf } from "../../../src/receiver/index.ts";
import { type DetachedJwsOptions, detachedJws } from "../../../src/receiver/schemes/jws-detached.ts";
import { pathOf } from "../../../src/receiver/schemes/signed-text.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";
import { recordedDocuments } from "../../../src/testing/recorded-documents.ts";

const jku = "https://keys.example.test/jwks";
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-521" });
const pem = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString();
const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "key-1" }] });
const body = Buffer.from('{"a":1}');

const options: DetachedJwsOptions = {
  header: "X-Jws",
  keys: { hosts: ["keys.example.test"], path: /\/jwks/ },
  coversBody: true,
  coversPath: true,
  covers: ["x-time"],
  headerToSign: { kid: "key-1", jku, covered: "X-Time" },
  payload: (request, header) => {
    if (header["covered"] !== "X-Time") return failed("signed_part_missing", "The time is not covered.");
    return [`${request.method} ${pathOf(request.url)}\n`, `X-Time: ${request.headers.get("X-Time")}\n`, request.body];
  },
};

function requestOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  url = "https://example.test/hook",
  content = body,
): ReceiverRequest {
  return new ReceiverRequest({ method: "POST", url, rawHeaders: rawHeadersOf({ "X-Time": "t-1", ...headers }), body: content });
}

async function check(
  request: ReceiverRequest,
  given: Partial<DetachedJwsOptions> = {},
  files: Record<string, string> = { [jku]: jwks },
): Promise<string | number> {
  const result = await verifyRequest(detachedJws({ ...options, ...given }), request, ["published"], {
    now: 0,
    remote: recordedDocuments(files),
  });
  return result.verified ? result.secretIndex : result.code;
}

const sign = (given: Partial<DetachedJwsOptions> = {}, key = pem(privateKey)): string =>
  detachedJws({ ...options, ...given }).sign!(requestOf({}), key, { now: 0 }).headers["X-Jws"]!;
const jws = sign();

describe("a detached JWS", () => {
  it("is accepted with a key of the set that it names, or of a fixed one", async () => {
    expect(jws).toMatch(/^[\w-]+\.\.[\w-]+$/);
    expect(await check(requestOf({ "X-Jws": jws }))).toBe(0);
    expect(await check(requestOf({ "X-Jws": jws }), { keys: "https://fixed.example.test/" }, { "https://fixed.example.test/": jwks })).toBe(
      0,
    );
  });

  it.each<[string, ReceiverRequest, string]>([
    ["body", requestOf({ "X-Jws": jws }, undefined, Buffer.from("{}")), "signature_mismatch"],
    ["path", requestOf({ "X-Jws": jws }, "https://example.test/other"), "signature_mismatch"],
    ["covered header", requestOf({ "X-Jws": jws, "X-Time": "t-2" }), "signature_mismatch"],
    ["absence", requestOf({}), "signature_missing"],
    ["repetition", requestOf({ "X-Jws": [jws, jws] }), "signature_repeated"],
    ["form", requestOf({ "X-Jws": "a..b" }), "signature_malformed"],
    ["payload in it", requestOf({ "X-Jws": jws.replace("..", ".AAAA.") }), "signature_malformed"],
    ["length of the signature", requestOf({ "X-Jws": jws.slice(0, -2) }), "signature_malformed"],
    [
      "algorithm",
      requestOf({ "X-Jws": `${Buffer.from('{"alg":"none"}').toString("base64url")}..${jws.split("..")[1]}` }),
      "signature_malformed",
    ],
    [
      "key set",
      requestOf({ "X-Jws": sign({ headerToSign: { ...options.headerToSign, jku: "https://keys.example.test.evil.test/jwks" } }) }),
      "key_unknown",
    ],
    ["key set's absence", requestOf({ "X-Jws": sign({ headerToSign: { kid: "key-1", covered: "X-Time" } }) }), "key_unknown"],
    ["key id", requestOf({ "X-Jws": sign({ headerToSign: { ...options.headerToSign, kid: "key-2" } }) }), "key_unknown"],
    ["key", requestOf({ "X-Jws": sign({}, pem(generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey)) }), "signature_mismatch"],
    ["coverage", requestOf({ "X-Jws": sign({ payload: () => [], headerToSign: { kid: "key-1", jku } }) }), "signed_part_missing"],
  ])("is refused for another %s", async (_part, request, code) => expect(await check(request)).toBe(code));

  it("is left unjudged where the keys cannot be had", async () => {
    await expect(check(requestOf({ "X-Jws": jws }), {}, {})).rejects.toMatchObject({ code: "keys_unavailable" });
  });

  it("is not accepted by a key of another curve", async () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
    expect(await check(requestOf({ "X-Jws": jws }), {}, { [jku]: JSON.stringify({ keys: [{ ...other, kid: "key-1" }] }) })).toBe(
      "signature_mismatch",
    );
  });
});
