import { generateKeyPairSync, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest, rawHeadersOf } from "../../../src/receiver/index.ts";
import { type DraftCavageOptions, draftCavage } from "../../../src/receiver/schemes/draft-cavage.ts";
import { parseSignatureParameters, signingString } from "../../../src/receiver/schemes/signing-string.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";
import { recordedDocuments } from "../../../src/testing/recorded-documents.ts";
import { fixture } from "./fixtures/read.ts";

// draft-cavage-http-signatures-12, appendix C. Its key has 1,024 bits, which the scheme refuses: so the text is checked by itself.
const weakKey = `-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----`;
const date = "Sun, 05 Jan 2014 21:31:40 GMT";
const now = Date.parse(date) / 1000;
const body = Buffer.from('{"hello": "world"}');
const message = {
  Host: "example.com",
  Date: date,
  "Content-Type": "application/json",
  Digest: "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
  "Content-Length": "18",
};
const published = [
  'keyId="Test",algorithm="rsa-sha256",signature="SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM="',
  'keyId="Test",algorithm="rsa-sha256",headers="(request-target) host date", signature="qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0="',
  'keyId="Test",algorithm="rsa-sha256",headers="(request-target) host date content-type digest content-length",signature="vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE="',
];

interface Parts {
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: Buffer;
  readonly now?: number;
}

function requestOf({
  url = "https://example.com/foo?param=value&pet=dog",
  headers = {},
  body: content = body,
}: Parts = {}): ReceiverRequest {
  return new ReceiverRequest({ method: "POST", url, rawHeaders: rawHeadersOf({ ...message, ...headers }), body: content });
}

describe("the signing string", () => {
  it.each(published)("is that of the published signature: case %#", (value) => {
    const parameters = parseSignatureParameters(value)!;
    const text = signingString(requestOf(), parameters);
    expect(verify("sha256", Buffer.from(text as string), weakKey, Buffer.from(parameters.signature, "base64"))).toBe(true);
  });

  it("is written as the draft writes it", () => {
    expect(signingString(requestOf(), parseSignatureParameters(published[1]!)!)).toBe(
      `(request-target): post /foo?param=value&pet=dog\nhost: example.com\ndate: ${date}`,
    );
  });
});

describe("the parameters", () => {
  it("are read in either case, with or without quotes", () => {
    expect(parseSignatureParameters('keyid=abc,algorithm="ED25519",created=12,headers="(created) Date",signature="AA=="')).toEqual({
      keyId: "abc",
      algorithm: "ed25519",
      lines: ["(created)", "date"],
      signature: "AA==",
      created: "12",
      expires: undefined,
    });
  });

  it.each([
    "",
    'keyId="a"',
    'keyId="a" signature="x"',
    'keyId="a",keyid="b",signature="x"',
    'signature="x",signature="y"',
    'signature="x\\"y"',
    'signature="x',
    'headers="a  b",signature="x"',
    'headers="a a",signature="x"',
    'headers="",signature="x"',
    `signature="${"x".repeat(9_000)}"`,
  ])("are not %j", (value) => expect(parseSignatureParameters(value)).toBeUndefined());
});

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const hexKey = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url").toString("hex");
const pem = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString();
const options: DraftCavageOptions = {
  header: "X-Signature",
  algorithms: ["ed25519"],
  lines: ["(request-target)", "host", "date", "digest"],
};

async function check(
  parts: Parts,
  changed: Partial<DraftCavageOptions> = {},
  secrets: readonly string[] = [hexKey],
): Promise<string | number> {
  const scheme = draftCavage({ ...options, ...changed });
  const keys = secrets.map((secret) => scheme.secret.parse(secret));
  const result = await verifyRequest(scheme, requestOf(parts), keys, { now: parts.now ?? now });
  return result.verified ? result.secretIndex : result.code;
}

describe("a signature", () => {
  const { headers } = draftCavage(options).sign!(requestOf(), pem(privateKey), { now });
  const value = headers["X-Signature"]!;
  const other = generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" }).toString();

  it("is accepted with any of several keys, given in hexadecimal or PEM", async () => {
    expect(await check({ headers })).toBe(0);
    expect(await check({ headers }, {}, [other, hexKey])).toBe(1);
    expect(await check({ headers }, {}, [other])).toBe("signature_mismatch");
  });

  it.each<[string, Parts, string]>([
    ["body", { body: Buffer.from("{}") }, "body_hash_mismatch"],
    ["path", { url: "https://example.com/bar?param=value&pet=dog" }, "signature_mismatch"],
    ["query", { url: "https://example.com/foo?param=value&pet=cat" }, "signature_mismatch"],
    ["host", { url: "https://example.org/foo?param=value&pet=dog" }, "signature_mismatch"],
    ["date", { headers: { Date: "Sun, 05 Jan 2014 21:31:41 GMT" } }, "signature_mismatch"],
    ["digest", { headers: { Digest: undefined } }, "signed_part_missing"],
    ["late date", { now: now + 301 }, "timestamp_too_old"],
    ["early date", { now: now - 61 }, "timestamp_in_future"],
    ["date's form", { headers: { Date: "2014-01-05T21:31:40Z" } }, "timestamp_malformed"],
    ["signature's absence", { headers: { "X-Signature": undefined } }, "signature_missing"],
    ["signature's repetition", { headers: { "X-Signature": [value, value] } }, "signature_repeated"],
    ["signature's form", { headers: { "X-Signature": "abc" } }, "signature_malformed"],
    ["signature's encoding", { headers: { "X-Signature": value.replace(/signature="[^"]*"/, 'signature="-"') } }, "signature_malformed"],
    ["algorithm", { headers: { "X-Signature": value.replace("ed25519", "rsa-sha256") } }, "signature_malformed"],
    ["list of lines", { headers: { "X-Signature": value.replace(" digest", "") } }, "signed_part_missing"],
  ])("is refused for another %s", async (_part, parts, code) => {
    expect(await check({ ...parts, headers: { ...headers, ...parts.headers } })).toBe(code);
  });

  it("may leave the algorithm to the key", async () => {
    expect(await check({ headers: { ...headers, "X-Signature": value.replace('algorithm="ed25519"', 'algorithm="hs2019"') } })).toBe(0);
    expect(await check({ headers: { ...headers, "X-Signature": value.replace('algorithm="ed25519",', "") } })).toBe(0);
  });

  it("stands in Authorization behind the scheme's name", async () => {
    const own: Partial<DraftCavageOptions> = { header: "Authorization", algorithms: ["hmac-sha256"] };
    const signed = draftCavage({ ...options, ...own }).sign!(requestOf(), "shared secret", { now }).headers;
    expect(signed["Authorization"]).toMatch(/^Signature keyId="key",algorithm="hmac-sha256",/);
    expect(await check({ headers: signed }, own, ["shared secret"])).toBe(0);
    expect(await check({ headers: { ...signed, Authorization: signed["Authorization"]!.slice(10) } }, own, ["shared secret"])).toBe(
      "signature_malformed",
    );
    expect(await check({ headers: { ...signed, Authorization: `Basic ${signed["Authorization"]}` } }, own, ["shared secret"])).toBe(
      "signature_malformed",
    );
  });

  it("needs a signed time, which may be its own", async () => {
    const own: Partial<DraftCavageOptions> = { lines: ["(request-target)", "(created)", "digest"] };
    const signed = draftCavage({ ...options, ...own }).sign!(requestOf(), pem(privateKey), { now }).headers;
    expect(await check({ headers: signed }, own)).toBe(0);
    expect(await check({ headers: signed, now: now + 301 }, own)).toBe("timestamp_too_old");
    const timeless: Partial<DraftCavageOptions> = { lines: ["digest"] };
    const without = draftCavage({ ...options, ...timeless }).sign!(requestOf(), pem(privateKey), { now }).headers;
    expect(await check({ headers: without }, timeless)).toBe("signed_part_missing");
    expect(await check({ headers: without }, { ...timeless, tolerance: "unchecked" })).toBe(0);
  });

  it("must not cover (created) with RSA or HMAC by name", async () => {
    const own: Partial<DraftCavageOptions> = { algorithms: ["hmac-sha256"], lines: ["(created)"] };
    const signed = draftCavage({ ...options, ...own }).sign!(requestOf(), "secret", { now }).headers;
    expect(await check({ headers: signed }, own, ["secret"])).toBe("signature_malformed");
  });

  it("by a key of 1,024 bits is refused before any request", () => {
    expect(draftCavage({ ...options, algorithms: ["rsa-sha256"] }).secret.parse(weakKey)).toBeUndefined();
  });
});

describe("the facts of the scheme", () => {
  it("follow from the lines", () => {
    expect(draftCavage(options)).toMatchObject({
      bodyBound: true,
      signsUrl: true,
      signsPath: true,
      isRemote: false,
      proofHeaders: ["x-signature", "date", "digest"],
      toleranceSeconds: 300,
    });
    expect(draftCavage({ ...options, lines: ["date"] })).toMatchObject({ bodyBound: false, signsUrl: false, signsPath: false });
  });
});

describe("a key that the message names", () => {
  const now2026 = Date.UTC(2026, 0, 1) / 1000;
  const url = "https://keys.example.test/pl/signer.pem";
  const certified: DraftCavageOptions = {
    header: "Authorization",
    algorithms: ["rsa-sha256"],
    lines: ["(request-target)", "digest", "date"],
    keyId: "/pl/signer.pem",
    keys: {
      certificateUrl: (keyId) => `https://keys.example.test${keyId}`,
      rule: { allowed: { hosts: ["keys.example.test"], path: /\/pl\/.+/ }, trust: { roots: [fixture("root.pem")] } },
    },
  };
  const judge = async (given: DraftCavageOptions, files: Record<string, string>): Promise<string> => {
    const { headers } = draftCavage(given).sign!(requestOf(), fixture("leaf.key.pem"), { now: now2026 });
    const result = await verifyRequest(draftCavage(given), requestOf({ headers }), ["published"], {
      now: now2026,
      remote: recordedDocuments(files),
    });
    return result.verified ? "verified" : result.code;
  };
  const chain = fixture("leaf.pem") + fixture("intermediate.pem");

  it("may be that of a certificate at an allowed URL", async () => {
    expect(await judge(certified, { [url]: chain })).toBe("verified");
    expect(await judge(certified, { [url]: fixture("leaf.pem") })).toBe("key_unknown");
    await expect(judge(certified, {})).rejects.toMatchObject({ code: "keys_unavailable" });
  });

  it.each([
    "@evil.test/pl/signer.pem",
    ".evil.test/pl/signer.pem",
    "/pl/../x/signer.pem",
    ":444/pl/signer.pem",
    "",
    "/pl/".padEnd(300, "x"),
  ])("is unknown by the id %j", async (keyId) => expect(await judge({ ...certified, keyId }, { [url]: chain })).toBe("key_unknown"));

  it("may be in any other document, by an id of the provider's form", async () => {
    const own: DraftCavageOptions = {
      ...certified,
      keyId: "k1",
      keys: {
        document: (keyId) =>
          /^k\d$/.test(keyId)
            ? { url: `https://keys.example.test/${keyId}`, parse: ({ body: pemText }) => new X509Certificate(pemText).publicKey }
            : undefined,
      },
    };
    expect(await judge(own, { "https://keys.example.test/k1": fixture("leaf.pem") })).toBe("verified");
    expect(await judge({ ...own, keyId: "../k1" }, { "https://keys.example.test/k1": "" })).toBe("key_unknown");
  });
});

describe("an expiry", () => {
  const signed = (expires: string): Record<string, string> => {
    const parameters = { lines: ["(created)", "(expires)"], created: String(now), expires };
    const signature = sign(null, Buffer.from(signingString(requestOf(), parameters) as string), privateKey).toString("base64");
    return { "X-Signature": `keyId="k",created=${now},expires=${expires},headers="(created) (expires)",signature="${signature}"` };
  };

  it("is respected where it is covered", async () => {
    expect(await check({ headers: signed(String(now)) }, { lines: ["(created)"] })).toBe(0);
    expect(await check({ headers: signed(String(now - 1)) }, { lines: ["(created)"] })).toBe("token_expired");
    expect(await check({ headers: signed("soon") }, { lines: ["(created)"] })).toBe("timestamp_malformed");
  });
});
