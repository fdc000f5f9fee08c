import { describe, expect, it } from "@jest/globals";
import {
  basic,
  chosenBySecret,
  hmac,
  ReceiverRequest,
  type Scheme,
  standardWebhooks,
  strongestOf,
  token,
  unproven,
} from "../../../src/receiver/index.ts";
import { unverifiedKey } from "../../../src/receiver/schemes/none.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";

const secret = "a secret of some length";
const key = Buffer.from(secret);
const body = Buffer.from('{"a":1}');

function request(rawHeaders: readonly string[], query = "", content: Buffer = body): ReceiverRequest {
  return new ReceiverRequest({ method: "POST", url: `https://example.test/hook${query}`, rawHeaders, body: content });
}

// biome-ignore lint/suspicious/noExplicitAny: schemes of every kind of key.
async function check(scheme: Scheme<any>, from: ReceiverRequest, keys: readonly unknown[]) {
  const result = await verifyRequest(scheme, from, keys, { now: 1_700_000_000 });
  return result.verified ? { at: result.secretIndex, bodyBound: result.bodyBound } : result.code;
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
function signedBy(scheme: Scheme<any>, text = secret, from = request([])): string[] {
  return Object.entries(scheme.sign?.(from, text, { now: 1_700_000_000 }).headers ?? {}).flat();
}

describe("strongestOf", () => {
  const strong = hmac({ header: "X-Strong" });
  const weak = token({ header: "X-Weak" });
  const scheme = strongestOf([
    { when: { header: "X-Strong" }, scheme: strong },
    { when: { header: "X-Weak" }, scheme: weak },
  ]);

  it("asks the first whose place is filled, and says what that one covers", async () => {
    expect(await check(scheme, request(signedBy(strong)), [key])).toEqual({ at: 0, bodyBound: true });
    expect(await check(scheme, request(["X-Weak", secret]), [key])).toEqual({ at: 0, bodyBound: false });
    expect(scheme.bodyBound).toBe(false);
  });

  it("never makes a wrong strong proof good by a right weak one", async () => {
    expect(await check(scheme, request(["X-Strong", "0".repeat(64), "X-Weak", secret]), [key])).toBe("signature_mismatch");
  });

  it("misses the strongest where there is none", async () => expect(await check(scheme, request([]), [key])).toBe("signature_missing"));
});

describe("chosenBySecret", () => {
  const signing = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const scheme = chosenBySecret([standardWebhooks(), token({ header: "X-Token" })]);
  const keys = (...texts: readonly string[]) => texts.map((text) => scheme.secret.parse(text));
  const signedHeaders = ["webhook-id", "m1", ...signedBy(standardWebhooks(), signing, request(["webhook-id", "m1"]))];

  it("asks the scheme that the secret is for", async () => {
    expect(await check(scheme, request(signedHeaders), keys(signing))).toEqual({ at: 0, bodyBound: true });
    expect(await check(scheme, request(["X-Token", secret]), keys(secret))).toEqual({ at: 0, bodyBound: false });
  });

  it("asks no weaker scheme as long as a key of the stronger is configured", async () => {
    expect(await check(scheme, request(["X-Token", secret]), keys(secret, signing))).toBe("signature_missing");
    expect(await check(scheme, request(signedHeaders), keys(secret, signing))).toEqual({ at: 1, bodyBound: true });
  });
});

describe("basic", () => {
  const credentials = "user:pass word";
  const header = (text: string) => ["Authorization", `Basic ${Buffer.from(text).toString("base64")}`];

  it("compares user and password", async () => {
    const keys = [Buffer.from("other:one"), Buffer.from(credentials)];
    expect(await check(basic(), request(header(credentials)), keys)).toEqual({ at: 1, bodyBound: undefined });
    expect(await check(basic(), request(["authorization", `bAsIc ${Buffer.from(credentials).toString("base64")}`]), keys)).toMatchObject({
      at: 1,
    });
  });

  it.each([
    ["another password", header("user:pass"), "token_mismatch"],
    ["no header", [], "signature_missing"],
    ["two headers", [...header(credentials), ...header(credentials)], "signature_repeated"],
    ["another scheme", ["Authorization", "Bearer abc"], "signature_malformed"],
    ["base64 with a blank", ["Authorization", `${header(credentials)[1]} x`], "signature_malformed"],
  ])("refuses %s", async (_name, headers, code) => expect(await check(basic(), request(headers), [Buffer.from(credentials)])).toBe(code));

  it("takes a secret only with a colon and a password", () => {
    expect(basic().secret.parse("user")).toBeUndefined();
    expect(basic().secret.parse("user:")).toBeUndefined();
    expect(basic().secret.parse("user:a:b")).toEqual(Buffer.from("user:a:b"));
  });
});

describe("token", () => {
  const bearer = token({ header: "Authorization", prefix: "Bearer " });

  it("stands behind its prefix, whose case does not matter", async () => {
    expect(await check(bearer, request(["Authorization", `Bearer ${secret}`]), [key])).toMatchObject({ at: 0 });
    expect(await check(bearer, request(["Authorization", `bearer ${secret}`]), [key])).toMatchObject({ at: 0 });
    expect(await check(bearer, request(["Authorization", secret]), [key])).toBe("signature_malformed");
  });

  it("must stand in every item of a list", async () => {
    const scheme = token({ field: "items.*.token" });
    const items = (...tokens: readonly string[]) => Buffer.from(JSON.stringify({ items: tokens.map((one) => ({ token: one })) }));
    const from = (content: Buffer) => request(["content-type", "application/json"], "", content);
    expect(await check(scheme, from(items(secret, secret)), [key])).toMatchObject({ at: 0 });
    expect(await check(scheme, from(items(secret, "other")), [key])).toBe("token_mismatch");
    expect(await check(scheme, from(items("other", secret)), [key])).toBe("token_mismatch");
    expect(await check(scheme, from(items()), [key])).toBe("signature_missing");
    expect(await check(scheme, from(items(secret, "")), [key])).toBe("signature_missing");
    expect(await check(scheme, from(Buffer.from(JSON.stringify({ items: [{ token: secret }, {}] }))), [key])).toBe("signature_missing");
    expect(await check(scheme, from(Buffer.from(JSON.stringify({ items: [{ token: secret }, null] }))), [key])).toBe("signature_missing");
  });

  it("is refused in two places at once", async () => {
    const scheme = token({ header: "X-Token", parameter: "code" });
    expect(await check(scheme, request(["X-Token", secret], `?code=${encodeURIComponent(secret)}`), [key])).toBe("signature_repeated");
  });
});

describe("unproven", () => {
  it("asks for the code in the URL, unless the operator has said otherwise", async () => {
    expect(await check(unproven(), request([], `?code=${encodeURIComponent(secret)}`), [key])).toMatchObject({ at: 0 });
    expect(await check(unproven(), request([]), [key])).toBe("signature_missing");
    expect(await check(unproven(), request([]), [unverifiedKey])).toMatchObject({ at: 0 });
    expect(await check(unproven(), request([]), [unverifiedKey, key])).toBe("signature_missing");
  });
});
