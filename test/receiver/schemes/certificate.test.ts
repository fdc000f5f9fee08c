import { sign as signBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { ReceiverRequest, rawHeadersOf } from "../../../src/receiver/index.ts";
import { type CertificateSignatureOptions, certificateSignature } from "../../../src/receiver/schemes/certificate.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";
import { recordedDocuments } from "../../../src/testing/recorded-documents.ts";
import { fixture } from "./fixtures/read.ts";

const now = Date.UTC(2026, 0, 1) / 1000;
const at = "https://certs.example.test/signer.pem";
const privateKey = fixture("leaf.key.pem");
const chain = fixture("leaf.pem") + fixture("intermediate.pem");
const body = Buffer.from('{"id":"1","topic":"topic-a"}');

const options: CertificateSignatureOptions = {
  header: "X-Signature",
  signed: "{header:X-Id}|{header:X-Time}|{secret}|{body:crc32}",
  certificateUrl: { header: "X-Certificate" },
  certificate: {
    allowed: { hosts: /[a-z.]+\.example\.test/, path: /\/.+\.pem/ },
    subjectHost: "messages.example.test",
    trust: { roots: [fixture("root.pem")] },
  },
};
const proof = (key = privateKey, hash = "sha256"): string =>
  signBytes(hash, Buffer.from(`d-1|t-1|webhook-1|${crc32(body)}`), key).toString("base64");
const headers = { "X-Id": "d-1", "X-Time": "t-1", "X-Certificate": at, "X-Signature": proof() };

interface Parts {
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: Buffer;
  readonly files?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly now?: number;
}

async function check(parts: Parts = {}, given: CertificateSignatureOptions = options): Promise<string | number> {
  const { files = { [at]: chain }, secrets = ["webhook-1"] } = parts;
  const rawHeaders = rawHeadersOf({ ...headers, ...parts.headers });
  const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders, body: parts.body ?? body });
  const context = { now: parts.now ?? now, remote: recordedDocuments(files) };
  const result = await verifyRequest(
    certificateSignature(given),
    request,
    secrets.map((text) => Buffer.from(text)),
    context,
  );
  return result.verified ? result.secretIndex : result.code;
}

describe("a signature by a certificate", () => {
  it("is accepted with any of several configured ids", async () => {
    expect(await check()).toBe(0);
    expect(await check({ secrets: ["other", "webhook-1"] })).toBe(1);
    expect(await check({ secrets: ["other"] })).toBe("signature_mismatch");
  });

  it.each<[string, Parts, string]>([
    ["the body", { body: Buffer.from("{}") }, "signature_mismatch"],
    ["a signed header", { headers: { "X-Id": "d-2" } }, "signature_mismatch"],
    ["no signed header", { headers: { "X-Id": undefined } }, "signed_part_missing"],
    ["no signature", { headers: { "X-Signature": undefined } }, "signature_missing"],
    ["a repeated signature", { headers: { "X-Signature": [proof(), proof()] } }, "signature_repeated"],
    ["a signature not in base64", { headers: { "X-Signature": "?" } }, "signature_malformed"],
    ["a signature with SHA-1", { headers: { "X-Signature": proof(privateKey, "sha1") } }, "signature_mismatch"],
    ["no certificate", { headers: { "X-Certificate": undefined } }, "signed_part_missing"],
    ["two certificates", { headers: { "X-Certificate": [at, at] } }, "signed_part_missing"],
    ["a certificate elsewhere", { headers: { "X-Certificate": "https://certs.example.test.evil.test/signer.pem" } }, "key_unknown"],
    ["another path", { headers: { "X-Certificate": "https://certs.example.test/signer.txt" } }, "key_unknown"],
  ])("is refused for %s", async (_part, parts, code) => expect(await check(parts)).toBe(code));

  it.each(["leaf-expired", "leaf-sha1", "leaf-encipher", "leaf-constrained", "leaf-by-leaf", "ec-leaf"])(
    "is refused where the certificate is %s",
    async (name) =>
      expect(await check({ files: { [at]: fixture(`${name}.pem`) + fixture("intermediate.pem") + fixture("leaf.pem") } })).toBe(
        "key_unknown",
      ),
  );

  it("is refused where the key has 1,024 bits", async () => {
    const parts = { headers: { "X-Signature": proof(fixture("leaf-short.key.pem")) }, files: { [at]: fixture("leaf-short.pem") } };
    expect(await check(parts)).toBe("key_unknown");
    expect(await check(parts, { ...options, certificate: { ...options.certificate, trust: "url-only" } })).toBe("key_unknown");
  });

  it("leaves the request unjudged where the file cannot be had", async () => {
    await expect(check({ files: {} })).rejects.toMatchObject({ code: "keys_unavailable" });
  });

  it.each(["not a certificate", chain.repeat(5), "x".repeat(65_537)])(
    "is refused where the file is none, or too large: case %#",
    async (file) => expect(await check({ files: { [at]: file } })).toBe("verification_failed"),
  );
});

describe("trust", () => {
  const trusting = (certificate: Partial<CertificateSignatureOptions["certificate"]>): CertificateSignatureOptions => ({
    ...options,
    certificate: { ...options.certificate, ...certificate },
  });

  it("is in the roots of Node.js by default, where nothing is said", async () => {
    const { trust: _, ...rule } = options.certificate;
    expect(await check({}, { ...options, certificate: rule })).toBe("key_unknown");
  });

  it("needs the issuers, from the file or from the rule", async () => {
    const files = { [at]: fixture("leaf.pem") };
    expect(await check({ files })).toBe("key_unknown");
    expect(await check({ files }, trusting({ intermediates: [fixture("intermediate.pem")] }))).toBe(0);
  });

  it("needs the right name", async () => {
    expect(await check({}, trusting({ subjectHost: ["other.example.test", "messages.example.test"] }))).toBe(0);
    expect(await check({}, trusting({ subjectHost: "example.test" }))).toBe("key_unknown");
    expect(await check({ files: { [at]: fixture("leaf.pem") } }, trusting({ subjectHost: "example.test", trust: "url-only" }))).toBe(
      "key_unknown",
    );
  });

  it("in the URL alone looks at no issuer, but at the dates", async () => {
    const given = trusting({ trust: "url-only" });
    expect(await check({ files: { [at]: fixture("leaf.pem") } }, given)).toBe(0);
    expect(await check({ files: { [at]: fixture("leaf-expired.pem") } }, given)).toBe("key_unknown");
    expect(await check({ now: Date.UTC(2100, 0, 1) / 1000 }, given)).toBe("key_unknown");
  });
});

describe("a message that names its recipient and its hash", () => {
  const { header: _, ...rest } = options;
  const given: CertificateSignatureOptions = {
    ...rest,
    header: "X-Signature",
    signed: "{body}",
    recipient: { body: "topic" },
    hash: { from: { header: "X-Version" }, values: { "1": "sha1", "2": "sha256" } },
  };
  const signed = (hash: string): string => signBytes(hash, body, privateKey).toString("base64");
  const parts = (version: string, hash: string): Parts => ({
    headers: { "X-Version": version, "X-Signature": signed(hash) },
    secrets: ["topic-a"],
  });

  it("is accepted for a configured one, with the hash that it names", async () => {
    expect(await check(parts("1", "sha1"), given)).toBe(0);
    expect(await check(parts("2", "sha256"), given)).toBe(0);
    expect(await check({ ...parts("2", "sha256"), secrets: ["topic-b", "topic-a"] }, given)).toBe(1);
  });

  it("is refused for another hash, version or recipient", async () => {
    expect(await check(parts("2", "sha1"), given)).toBe("signature_mismatch");
    expect(await check(parts("1", "sha256"), given)).toBe("signature_mismatch");
    expect(await check(parts("3", "sha256"), given)).toBe("signature_malformed");
    expect(await check(parts("constructor", "sha256"), given)).toBe("signature_malformed");
    expect(await check({ ...parts("2", "sha256"), secrets: ["topic-b"] }, given)).toBe("claim_mismatch");
  });

  it("is the only kind that may go without `{secret}`", () => {
    const { recipient: __, ...without } = given;
    expect(() => certificateSignature(without)).toThrow(TypeError);
    expect(() => certificateSignature({ ...options, recipient: { body: "topic" } })).toThrow(TypeError);
  });
});

describe("sign", () => {
  it("makes what verify accepts", async () => {
    const scheme = certificateSignature(options);
    const rawHeaders = rawHeadersOf({ ...headers, "X-Signature": undefined });
    const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders, body });
    const signed = scheme.sign!(request, `webhook-1\n${privateKey}`, { now });
    expect(await check({ headers: signed.headers })).toBe(0);
  });

  it("says what the proof covers", () => {
    expect(certificateSignature(options)).toMatchObject({
      name: "certificate",
      bodyBound: true,
      isRemote: true,
      proofHeaders: ["x-signature", "x-id", "x-time", "x-certificate"],
    });
  });
});
