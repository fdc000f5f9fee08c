import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { keySetDocument, keysIn, maxTried, publicKeyDocument, readKeySet } from "../../../src/receiver/schemes/key-set.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

function setOf(...keys: readonly unknown[]) {
  return readKeySet({ body: Buffer.from(JSON.stringify({ keys })) });
}

function jwk(extra: object = {}, key = rsa) {
  return { ...key.export({ format: "jwk" }), ...extra };
}

describe("reading a key set", () => {
  it("keeps keys with their ids and algorithms", () => {
    const { keys } = setOf(jwk({ kid: "1", alg: "RS256", use: "sig" }), jwk({}, ec.publicKey));
    expect(keys).toEqual([{ keyId: "1", algorithm: "RS256", key: expect.anything() }, { key: expect.anything() }]);
  });

  it.each([
    ["a symmetric key", { kty: "oct", k: "c2VjcmV0" }],
    ["a key for encryption", jwk({ use: "enc" })],
    ["a key whose operations are others", jwk({ key_ops: ["encrypt"] })],
    ["a short key", jwk({}, generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey)],
    ["a key of an unknown kind", { kty: "XYZ" }],
    ["a broken key", { kty: "RSA", n: 1, e: "AQAB" }],
    ["nothing", null],
    ["text", "key"],
  ])("leaves out %s", (_name, key) => expect(setOf(key, jwk({ kid: "1" })).keys).toHaveLength(1));

  it("takes the public half where a private key is published", () => {
    const [one] = setOf(ec.privateKey.export({ format: "jwk" })).keys;
    expect(one?.key.type).toBe("public");
  });

  it.each(["", "[]", "null", "{}", '{"keys":{}}', JSON.stringify({ keys: Array(101).fill({}) })])("refuses case %#", (text) =>
    expect(() => keySetDocument("https://keys.example/").parse({ headers: {}, body: Buffer.from(text) })).toThrow(),
  );
});

describe("keys in a set", () => {
  const fits = () => true;

  it("are those of the id, and of no other algorithm", () => {
    const set = setOf(jwk({ kid: "1", alg: "RS256" }), jwk({ kid: "2" }), jwk({ kid: "2", alg: "PS256" }), jwk());
    expect(keysIn(set, { keyId: "1", fits })).toHaveLength(1);
    expect(keysIn(set, { keyId: "2", fits })).toHaveLength(2);
    expect(keysIn(set, { keyId: "2", fits, algorithm: "RS256" })).toHaveLength(1);
    expect(keysIn(set, { keyId: "3", fits })).toHaveLength(0);
    expect(keysIn(set, { fits })).toHaveLength(4);
    expect(keysIn(set, { fits: (key) => key.asymmetricKeyType === "ec" })).toHaveLength(0);
  });

  it("are few, however many there are", () => expect(keysIn(setOf(...Array(50).fill(jwk())), { fits })).toHaveLength(maxTried));
});

describe("a document of one key", () => {
  const pem = ec.publicKey.export({ type: "spki", format: "pem" }).toString();

  it("is PEM, or has it where the receiver says", async () => {
    const parse = (text: string, textOf?: (body: Buffer) => string) =>
      publicKeyDocument("https://keys.example/", textOf).parse({ headers: {}, body: Buffer.from(text) });
    expect((await parse(pem)).equals(ec.publicKey)).toBe(true);
    expect((await parse(JSON.stringify({ pem }), (body) => JSON.parse(String(body)).pem)).equals(ec.publicKey)).toBe(true);
    expect(() => parse("nothing")).toThrow(TypeError);
  });
});
