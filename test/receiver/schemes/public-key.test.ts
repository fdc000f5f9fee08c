import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { failed, ReceiverRequest } from "../../../src/receiver/index.ts";
import { ed25519 } from "../../../src/receiver/schemes/ed25519.ts";
import { keySetDocument, publicKeyDocument } from "../../../src/receiver/schemes/key-set.ts";
import type { PublicKeyOptions } from "../../../src/receiver/schemes/public-key.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";
import { documentsFrom } from "./remote-stub.ts";

const old = generateKeyPairSync("ed25519");
const current = generateKeyPairSync("ed25519");
const url = "https://keys.example/set";
const byHeader: PublicKeyOptions = {
  header: "x-signature",
  signed: "{secret}.{body}",
  remoteKey: { document: () => keySetDocument(url), keyId: (request) => request.headers.get("x-key-id") },
};

function jwk(key: KeyObject, kid?: string) {
  return { ...key.export({ format: "jwk" }), ...(kid === undefined ? {} : { kid }) };
}

/** A request that is signed by a key for a registration. */
function signed(options: PublicKeyOptions, { privateKey } = current, kid = "current", secret = "app"): ReceiverRequest {
  const bare = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: ["X-Key-Id", kid], body: Buffer.from("{}") });
  const { headers } = ed25519(options).sign!(bare, JSON.stringify({ key: jwk(privateKey), secret }), { now: 0 });
  return bare.with({ rawHeaders: [...bare.headers.raw, ...Object.entries(headers).flat()] });
}

async function check(options: PublicKeyOptions, request: ReceiverRequest, remote = documentsFrom({}), secrets = ["app"]) {
  const scheme = ed25519(options);
  const keys = secrets.map((secret) => scheme.secret.parse(secret));
  const result = await verifyRequest(scheme, request, keys, { now: 0, remote });
  return result.verified ? result.secretIndex : result.code;
}

describe("a key that is fetched", () => {
  const set = { keys: [jwk(old.publicKey, "old"), jwk(current.publicKey, "current")] };

  it("verifies, and is asked for once", async () => {
    const remote = documentsFrom({ [url]: set });
    expect(await check(byHeader, signed(byHeader), remote)).toBe(0);
    expect(await check(byHeader, signed(byHeader, old, "old"), remote)).toBe(0);
    expect(await check(byHeader, signed(byHeader, old, "current"), remote)).toBe("signature_mismatch");
    expect(remote.asked).toEqual([url]);
  });

  it("ties the request to a registration, which may be any of the list", async () => {
    const remote = documentsFrom({ [url]: set });
    expect(await check(byHeader, signed(byHeader), remote, ["other", "app"])).toBe(1);
    expect(await check(byHeader, signed(byHeader), remote, ["other"])).toBe("signature_mismatch");
  });

  it("is asked for anew where its id is unknown", async () => {
    const bodies: Record<string, unknown> = { [url]: { keys: [jwk(old.publicKey, "old")] } };
    const remote = documentsFrom(bodies);
    expect(await check(byHeader, signed(byHeader), remote)).toBe("key_unknown");
    bodies[url] = set;
    expect(await check(byHeader, signed(byHeader), remote)).toBe(0);
    expect(await check(byHeader, signed(byHeader, old, "old"), remote)).toBe(0);
    expect(remote.asked).toHaveLength(2);
  });

  it("may be any of a set where the request names none", async () => {
    const options: PublicKeyOptions = { ...byHeader, remoteKey: { document: () => keySetDocument(url) } };
    expect(await check(options, signed(options, old), documentsFrom({ [url]: set }))).toBe(0);
  });

  it("may stand alone in a document", async () => {
    const options: PublicKeyOptions = { ...byHeader, remoteKey: { document: () => publicKeyDocument(url) } };
    const pem = current.publicKey.export({ type: "spki", format: "pem" });
    expect(await check(options, signed(options), documentsFrom({ [url]: pem }))).toBe(0);
    expect(await check(options, signed(options, old), documentsFrom({ [url]: pem }))).toBe("signature_mismatch");
  });

  it("of another kind is none", async () => {
    const options: PublicKeyOptions = { ...byHeader, remoteKey: { document: () => publicKeyDocument(url) } };
    const pem = generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" });
    expect(await check(options, signed(options), documentsFrom({ [url]: pem }))).toBe("key_unknown");
  });

  it("is not asked for where the receiver's rule refuses its place", async () => {
    const remoteKey = { document: () => failed("signature_malformed", "The URL is not the provider's.") };
    const remote = documentsFrom({ [url]: set });
    expect(await check({ ...byHeader, remoteKey }, signed(byHeader), remote)).toBe("signature_malformed");
    expect(remote.asked).toEqual([]);
  });

  it("is not asked for where there is no signature", async () => {
    const remote = documentsFrom({ [url]: set });
    const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: ["x-signature", "00"] });
    expect(await check(byHeader, request, remote)).toBe("signature_malformed");
    expect(remote.asked).toEqual([]);
  });

  it("that cannot be had says nothing of the request", async () =>
    expect(check(byHeader, signed(byHeader))).rejects.toMatchObject({ code: "keys_unavailable" }));

  it("fails the proof where nothing fetches", async () => {
    const result = await verifyRequest(ed25519(byHeader), signed(byHeader), ["app"], { now: 0 });
    expect(result).toMatchObject({ verified: false, code: "verification_failed" });
  });

  it("shows in the scheme", () => {
    expect(ed25519(byHeader).isRemote).toBe(true);
    expect(ed25519({ header: "a" }).isRemote).toBeUndefined();
  });
});

describe("a configured public key", () => {
  it("is no secret to sign with the message", () => expect(() => ed25519({ header: "a", signed: "{secret}{body}" })).toThrow(TypeError));
});
