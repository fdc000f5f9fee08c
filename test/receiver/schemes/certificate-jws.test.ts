import { sign, X509Certificate } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest } from "../../../src/receiver/index.ts";
import { type CertificateJwsOptions, certificateJws, jwsPayload } from "../../../src/receiver/schemes/certificate-jws.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";
import { fixture } from "./fixtures/read.ts";

const now = Date.UTC(2026, 0, 1) / 1000;
const der = (name: string): string => new X509Certificate(fixture(`${name}.pem`)).raw.toString("base64");
const x5c = ["ec-leaf", "ec-intermediate", "ec-root"].map(der);
const payload = { signedDate: now * 1000, data: { bundleId: "com.example.app" } };
const options: CertificateJwsOptions = {
  member: "signedPayload",
  roots: [der("ec-root")],
  recipient: ["data.bundleId", "summary.bundleId"],
  leafExtensions: ["1.3.6.1.4.1.55555.1"],
  issuerExtensions: ["1.3.6.1.4.1.55555.2"],
  chainLength: 3,
  signedAt: { path: "signedDate", unit: "milliseconds", tolerance: { pastSeconds: 300, futureSeconds: 60 } },
};

const part = (value: unknown): string => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

function jwsOf(header: object = {}, content: unknown = payload, key = fixture("ec-leaf.key.pem")): string {
  const text = `${part({ alg: "ES256", x5c, ...header })}.${part(content)}`;
  return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

async function check(
  jws: unknown,
  given: Partial<CertificateJwsOptions> = {},
  secrets = ["com.example.app"],
  at = now,
): Promise<string | number> {
  return checkBody(JSON.stringify({ signedPayload: jws }), given, secrets, at);
}

async function checkBody(
  body: string,
  given: Partial<CertificateJwsOptions> = {},
  secrets = ["com.example.app"],
  at = now,
): Promise<string | number> {
  const scheme = certificateJws({ ...options, ...given });
  const request = new ReceiverRequest({
    method: "POST",
    url: "https://example.test/",
    rawHeaders: ["Content-Type", "application/json"],
    body: Buffer.from(body),
  });
  const result = await verifyRequest(
    scheme,
    request,
    secrets.map((text) => Buffer.from(text)),
    { now: at },
  );
  return result.verified ? result.secretIndex : result.code;
}

describe("a JWS with certificates", () => {
  it("is accepted for a configured application", async () => {
    expect(await check(jwsOf())).toBe(0);
    expect(await check(jwsOf(), {}, ["other", "com.example.app"])).toBe(1);
    expect(await check(jwsOf({}, { signedDate: now * 1000, summary: { bundleId: "com.example.app" } }))).toBe(0);
  });

  it("is refused for another application, or none", async () => {
    expect(await check(jwsOf(), {}, ["com.example.other"])).toBe("claim_mismatch");
    expect(await check(jwsOf({}, { signedDate: now * 1000 }))).toBe("claim_mismatch");
    expect(await check(jwsOf({}, { signedDate: now * 1000, data: { bundleId: ["com.example.app"] } }))).toBe("claim_mismatch");
  });

  it("is refused with a changed payload, signature or algorithm", async () => {
    const [header, , signature] = jwsOf().split(".");
    expect(await check(`${header}.${part({ ...payload, x: 1 })}.${signature}`)).toBe("signature_mismatch");
    expect(await check(jwsOf({ alg: "none" }))).toBe("signature_mismatch");
    expect(await check(jwsOf({ alg: "HS256" }))).toBe("signature_mismatch");
    expect(await check(`${jwsOf().split(".").slice(0, 2).join(".")}.`)).toBe("signature_malformed");
    expect(await check(`${jwsOf()}=`)).toBe("signature_malformed");
    expect(await check(jwsOf({ crit: ["x"] }))).toBe("signature_malformed");
    expect(await check(jwsOf({}, "not JSON"))).toBe("signature_malformed");
  });

  it.each<[string, unknown]>([
    ["absent", undefined],
    ["empty", []],
    ["no list", x5c[0]],
    ["too short", x5c.slice(0, 2)],
    ["too long", [...x5c, ...x5c]],
    ["not base64", ["?", "?", "?"]],
    ["not certificates", ["AAAA", "AAAA", "AAAA"]],
  ])("is refused where its certificates are %s", async (_what, list) =>
    expect(await check(jwsOf({ x5c: list }))).toBe("signature_malformed"),
  );

  it("is refused where the chain leads elsewhere, or its certificates are for another purpose", async () => {
    expect(await check(jwsOf(), { roots: [fixture("root.pem")] })).toBe("key_unknown");
    expect(await check(jwsOf({ x5c: [x5c[0], x5c[2], x5c[2]] }))).toBe("key_unknown");
    expect(await check(jwsOf({ x5c: [der("ec-leaf-unmarked"), ...x5c.slice(1)] }))).toBe("key_unknown");
    expect(await check(jwsOf({ x5c: [der("ec-leaf-unmarked"), ...x5c.slice(1)] }), { leafExtensions: [] })).toBe(0);
    expect(await check(jwsOf(), { issuerExtensions: ["1.3.6.1.4.1.55555.3"] })).toBe("key_unknown");
  });

  it("is refused where the leaf's key is not for ES256", async () => {
    const given = { roots: [fixture("root.pem")], leafExtensions: [], issuerExtensions: [] };
    expect(await check(jwsOf({ x5c: ["leaf", "intermediate", "root"].map(der) }), given)).toBe("signature_mismatch");
  });

  it("must be recent, and is judged by the certificates of its own time", async () => {
    expect(await check(jwsOf(), {}, undefined, now + 300)).toBe(0);
    expect(await check(jwsOf(), {}, undefined, now + 301)).toBe("timestamp_too_old");
    expect(await check(jwsOf(), {}, undefined, now - 61)).toBe("timestamp_in_future");
    expect(await check(jwsOf({}, { ...payload, signedDate: "soon" }))).toBe("timestamp_malformed");
    const late = Date.UTC(2101, 0, 1) / 1000;
    const unchecked = { signedAt: { path: "signedDate", unit: "milliseconds", tolerance: "unchecked" } } as const;
    expect(await check(jwsOf(), unchecked, undefined, late)).toBe(0);
    const { signedAt: _, ...timeless } = options;
    const request = new ReceiverRequest({
      method: "POST",
      url: "/",
      rawHeaders: [],
      body: Buffer.from(JSON.stringify({ signedPayload: jwsOf() })),
    });
    expect(await verifyRequest(certificateJws(timeless), request, [Buffer.from("com.example.app")], { now: late })).toMatchObject({
      code: "key_unknown",
    });
  });

  it("is the whole body", async () => {
    expect(await checkBody(JSON.stringify({ signedPayload: jwsOf(), more: 1 }))).toBe("signature_malformed");
    expect(await checkBody(`${JSON.stringify({ signedPayload: jwsOf() })}x`)).toBe("signature_missing");
    for (const body of ["", "[]", "null", '{"signedPayload":1}', '{"signedPayload":""}'])
      expect(await checkBody(body)).toBe("signature_missing");
  });
});

describe("the payload", () => {
  it("is read from a JWS", () => {
    expect(jwsPayload(jwsOf())).toEqual(payload);
    for (const text of [undefined, 1, "", "a.b.c", jwsOf({}, "text")]) expect(jwsPayload(text)).toBeUndefined();
  });

  it("is refused where it is too deep or could change prototypes", () => {
    expect(jwsPayload(jwsOf({}, `${"[".repeat(60)}${"]".repeat(60)}`))).toBeUndefined();
    expect(jwsPayload(jwsOf({}, '{"__proto__":{"a":1}}'))).toBeUndefined();
  });
});
