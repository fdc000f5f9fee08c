import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { publicKeyOf, publicKeyOfJwk, signingKeyOf } from "../../../src/receiver/schemes/key-text.ts";
import { secretTextFault } from "../../../src/receiver/secret-format.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

function pem(key: KeyObject, type: "spki" | "pkcs1" | "pkcs8" = key.type === "public" ? "spki" : "pkcs8"): string {
  return key.export({ type: type as "spki", format: "pem" }).toString();
}

// Made with `openssl req -x509 -newkey ed25519 -nodes -subj /CN=test `.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBMjCB5aADAgECAhQcH30WDvZaIh4ttKDBMI/fZWtNsTAFBgMrZXAwDzENMAsG
A1UEAwwEdGVzdDAeFw0yNjExMjMyMTExMzFaFw0yNjExMjQyMTExMzFaMA8xDTAL
BgNVBAMMBHRlc3QwKjAFBgMrZXADIQBtDu0UqiSI6ZVekt2JeWX3JpGRef0OjV1D
ae/530c376NTMFEwHQYDVR0OBBYEFFux7Aoj9aaCbqHSQ5vOaIa3plUzMB8GA1Ud
IwQYMBaAFFux7Aoj9aaCbqHSQ5vOaIa3plUzMA8GA1UdEwEB/wQFMAMBAf8wBQYD
K2VwA0EAg6+88AUp1HhXOE8vtljdEC48CFmJsfAn5oPitS8aclsyq3kzzva1pkj9
Oh8DWi7Yrp8Bcw9+LEOuc7GQsFGbAw==
-----END CERTIFICATE-----
`;

describe("a public key", () => {
  const der = rsa.publicKey.export({ type: "spki", format: "der" });

  it.each([
    ["PEM", pem(rsa.publicKey)],
    ["PEM without its last line break", pem(rsa.publicKey).trimEnd()],
    ["PEM with line breaks spelled out", pem(rsa.publicKey).replaceAll("\n", "\\n")],
    ["PEM of PKCS #1", pem(rsa.publicKey, "pkcs1")],
    ["SPKI in base64", der.toString("base64")],
  ])("is read from %s", (_name, text) => {
    expect(publicKeyOf(text)?.equals(rsa.publicKey)).toBe(true);
    expect(secretTextFault(text)).toBeUndefined();
  });

  it("is read from a certificate", () => expect(publicKeyOf(certificate)?.asymmetricKeyType).toBe("ed25519"));

  it.each([
    ["nothing", ""],
    ["a private key", pem(rsa.privateKey)],
    ["a private key of a curve", ec.privateKey.export({ type: "sec1", format: "pem" }).toString()],
    ["two keys", pem(rsa.publicKey) + pem(ec.publicKey)],
    ["a certificate and a key", certificate + pem(ec.publicKey)],
    ["a private key in base64", rsa.privateKey.export({ type: "pkcs8", format: "der" }).toString("base64")],
    ["SPKI with a byte behind it", Buffer.concat([der, Buffer.alloc(1)]).toString("base64")],
    ["SPKI in base64url", der.toString("base64url")],
    ["rubbish in PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"],
    ["rubbish in a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"],
    ["text", "secret"],
  ])("is not read from %s", (_name, text) => expect(publicKeyOf(text)).toBeUndefined());

  it("is read from a JSON Web Key, unless that is symmetric", () => {
    expect(publicKeyOfJwk(ec.publicKey.export({ format: "jwk" }))?.equals(ec.publicKey)).toBe(true);
    for (const jwk of [{ kty: "oct", k: "AAAA" }, { kty: "EC" }, {}, null, "x", []]) expect(publicKeyOfJwk(jwk)).toBeUndefined();
  });
});

describe("a key to sign with", () => {
  const jwk = ec.privateKey.export({ format: "jwk" });

  it.each([
    ["PEM", pem(ec.privateKey), {}],
    ["PKCS #8 in base64", ec.privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"), {}],
    ["a JSON Web Key", JSON.stringify(jwk), {}],
    ["a JSON Web Key with an id", JSON.stringify({ ...jwk, kid: "1" }), { keyId: "1" }],
    ["JSON with PEM and the configured text", JSON.stringify({ key: pem(ec.privateKey), secret: "app" }), { secret: "app" }],
    ["JSON with a JSON Web Key", JSON.stringify({ key: { ...jwk, kid: "1" }, secret: "app" }), { keyId: "1", secret: "app" }],
  ])("is read from %s", (_name, text, rest) => {
    const { key, ...others } = signingKeyOf(text)!;
    expect(key.equals(ec.privateKey)).toBe(true);
    expect(others).toEqual(rest);
  });

  it.each(["", "text", "{", "{}", '{"key":1}', pem(ec.publicKey), JSON.stringify(ec.publicKey.export({ format: "jwk" }))])(
    "is not read from case %#",
    (text) => expect(signingKeyOf(text)).toBeUndefined(),
  );
});
