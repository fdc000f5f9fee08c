import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { ed25519, ReceiverRequest, type Verification } from "../../../src/receiver/index.ts";
import { ed25519PrivateKey, ed25519PublicKey } from "../../../src/receiver/schemes/ed25519-keys.ts";

// RFC 8032, section 7.1, tests 1 to 3.
const published = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
] as const;
const scheme = ed25519({ header: "X-Signature" });

function check(publicKeys: readonly string[], signature: string | string[], message: string | Buffer): string | number {
  const rawHeaders = [signature].flat().flatMap((one) => ["x-signature", one]);
  const body = typeof message === "string" ? Buffer.from(message, "hex") : message;
  const result = scheme.verify(
    new ReceiverRequest({ method: "POST", url: "/", rawHeaders, body }),
    publicKeys.map((text) => ed25519PublicKey.parse(text)!),
    { now: 0 },
  ) as Verification;
  return result.verified ? result.secretIndex : result.code;
}

/** A little-endian number as 32 bytes. */
function littleEndian(value: bigint): string {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse().toString("hex");
}

describe.each(published)("the published key pair %#", (secret, publicKey, message, signature) => {
  it("verifies and signs", () => {
    expect(check([publicKey], signature, message)).toBe(0);
    const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [], body: Buffer.from(message, "hex") });
    expect(scheme.sign!(request, secret, { now: 0 })).toEqual({ headers: { "X-Signature": signature } });
  });

  it("is found among other keys", () => {
    const others = published.map(([, other]) => other).filter((other) => other !== publicKey);
    expect(check([...others, publicKey], signature, message)).toBe(2);
    expect(check(others, signature, message)).toBe("signature_mismatch");
  });

  it("refuses a changed message and a changed signature", () => {
    expect(check([publicKey], signature, `${message}00`)).toBe("signature_mismatch");
    expect(
      check(
        [publicKey],
        signature.replace(/^./, (digit) => (digit === "1" ? "2" : "1")),
        message,
      ),
    ).toBe("signature_mismatch");
  });

  it("refuses the same signature with the group order added to its second half", () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const half = BigInt(`0x${Buffer.from(signature.slice(64), "hex").reverse().toString("hex")}`);
    expect(check([publicKey], signature.slice(0, 64) + littleEndian(half + order), message)).toBe("signature_mismatch");
  });

  it.each([
    ["", "signature_missing"],
    [signature.slice(2), "signature_malformed"],
    [`${signature}00`, "signature_malformed"],
    [`${signature.slice(0, -1)}g`, "signature_malformed"],
    [signature.slice(1), "signature_malformed"],
  ])("refuses %j as %s", (value, code) => expect(check([publicKey], value, message)).toBe(code));

  it("refuses the signature twice", () => expect(check([publicKey], [signature, signature], message)).toBe("signature_repeated"));
});

describe("a key", () => {
  it.each([
    "",
    "d75a",
    "g".repeat(64),
    "whpk_",
    "whpk_AQID",
    "whsec_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
  ])("is not %j", (text) => {
    expect(ed25519PublicKey.parse(text)).toBeUndefined();
    expect(ed25519PublicKey.byteLength(text)).toBe(0);
  });

  it("may be PEM, but of no other kind", () => {
    const pem = (type: "ed25519" | "x25519", half: "publicKey" | "privateKey") => {
      const pair = type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
      return pair[half].export({ type: half === "publicKey" ? "spki" : "pkcs8", format: "pem" }).toString();
    };
    expect(ed25519PublicKey.byteLength(pem("ed25519", "publicKey"))).toBe(32);
    expect(ed25519PublicKey.parse(pem("x25519", "publicKey"))).toBeUndefined();
    expect(ed25519PublicKey.parse(pem("ed25519", "privateKey"))).toBeUndefined();
    expect(ed25519PrivateKey(pem("ed25519", "privateKey"))).toBeDefined();
    expect(ed25519PrivateKey(pem("x25519", "privateKey"))).toBeUndefined();
    expect(ed25519PrivateKey("abc")).toBeUndefined();
  });

  it("may be base64 of its bytes or of SPKI, and nothing near it", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const spki = publicKey.export({ type: "spki", format: "der" });
    for (const text of [spki, spki.subarray(-32)].map((bytes) => bytes.toString("base64"))) {
      expect(ed25519PublicKey.parse(text)?.equals(publicKey)).toBe(true);
      expect(ed25519PublicKey.parse(text.replace(/=$/, ""))).toBe(text.endsWith("=") ? undefined : ed25519PublicKey.parse(text));
    }
    expect(ed25519PublicKey.parse(Buffer.concat([spki, Buffer.alloc(1)]).toString("base64"))).toBeUndefined();
    const seed = Buffer.from(privateKey.export({ format: "jwk" }).d!, "base64url");
    expect(ed25519PrivateKey(seed.toString("base64"))?.equals(privateKey)).toBe(true);
    expect(ed25519PrivateKey(JSON.stringify(privateKey.export({ format: "jwk" })))?.equals(privateKey)).toBe(true);
  });

  it.each([
    ["the point at infinity", "01".padEnd(64, "0")],
    ["no point of the curve", "02".padEnd(64, "0")],
  ])("that is %s verifies nothing that a key signed", (_name, publicKey) => {
    const [[, , message, signature]] = published;
    expect(check([publicKey], signature, message)).toBe("signature_mismatch");
  });

  it("is needed to sign", () =>
    expect(() => scheme.sign!(new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [] }), "text", { now: 0 })).toThrow(TypeError));
});

describe("a signed time", () => {
  it("goes together with a header to read it from", () => {
    expect(() => ed25519({ header: "a", signed: "{timestamp}{body}" })).toThrow(TypeError);
    expect(() => ed25519({ header: "a", timestampHeader: "b" })).toThrow(TypeError);
  });
});
