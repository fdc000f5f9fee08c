import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { failed, type HmacOptions, hmac, ReceiverRequest } from "../../../src/receiver/index.ts";
import { matchesAny, matchingKey } from "../../../src/receiver/schemes/hmac.ts";
import { verifyRequest } from "../../../src/receiver/verification.ts";

const key = Buffer.from("It's a Secret to Everybody");
const body = Buffer.from("Hello, World!");
const valid = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
const validSha1 = createHmac("sha1", key).update(body).digest("hex");
const github: HmacOptions = { header: "X-Hub-Signature-256", signature: { form: "whole", prefix: "sha256=" } };

/** The code of a refusal, or the position of the secret that matched. */
function check(options: HmacOptions, rawHeaders: readonly string[], parts: { body?: Buffer; keys?: Buffer[] } = {}): string | number {
  const request = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders, body: parts.body ?? body });
  const result = verifyRequest(hmac(options), request, parts.keys ?? [key], { now: 1_700_000_000 });
  return result.verified ? result.secretIndex : result.code;
}

describe("a signature in a header", () => {
  it.each(["X-Hub-Signature-256", "x-hub-signature-256", "X-HUB-SIGNATURE-256"])("is found under %s", (name) =>
    expect(check(github, [name, `sha256=${valid}`])).toBe(0),
  );

  it("is read in either case of digits", () => expect(check(github, ["X-Hub-Signature-256", `sha256=${valid.toUpperCase()}`])).toBe(0));

  it.each([
    [`sha1=${valid}`],
    [`SHA256=${valid}`],
    [`sha256=sha256=${valid}`],
    [valid],
    [`sha256=${valid.slice(1)}`],
    [`sha256=${valid.slice(2)}`],
    [`sha256=${valid}00`],
    [`sha256=${valid} `],
    [`sha256=${valid.replace("7", "g")}`],
    [`sha256=${validSha1}`],
    ["sha256="],
    ["="],
    ["{}"],
  ])("is malformed as %s", (value) => expect(check(github, ["X-Hub-Signature-256", value])).toBe("signature_malformed"));

  it("is missing where only a weaker header is there, even beside a wrong one", () => {
    expect(check(github, ["X-Hub-Signature", `sha1=${validSha1}`])).toBe("signature_missing");
    expect(check(github, ["X-Hub-Signature", `sha1=${validSha1}`, "X-Hub-Signature-256", `sha256=${"0".repeat(64)}`])).toBe(
      "signature_mismatch",
    );
    expect(check(github, ["X-Hub-Signature-256", ""])).toBe("signature_missing");
  });

  it.each([2, 10])("is refused %i times over, though each one is right", (times) => {
    expect(
      check(
        github,
        Array(times)
          .fill(["X-Hub-Signature-256", `sha256=${valid}`])
          .flat(),
      ),
    ).toBe("signature_repeated");
  });

  it.each([Buffer.from("Hello, World! "), Buffer.from("Hello, World!\n"), Buffer.from("\ufeffHello, World!"), Buffer.alloc(0)])(
    "does not match a changed body: case %#",
    (changed) => {
      expect(check(github, ["X-Hub-Signature-256", `sha256=${valid}`], { body: changed })).toBe("signature_mismatch");
    },
  );

  it("may cover an empty body", () => {
    const empty = createHmac("sha256", key).digest("hex");
    expect(check(github, ["X-Hub-Signature-256", `sha256=${empty}`], { body: Buffer.alloc(0) })).toBe(0);
  });

  it("in base64 is read in its one spelling", () => {
    const options: HmacOptions = { header: "x", encoding: "base64" };
    const text = Buffer.from(valid, "hex").toString("base64");
    expect(check(options, ["x", text])).toBe(0);
    for (const other of [text.replace("=", ""), text.replaceAll("+", "-").replaceAll("/", "_").replace("=", ""), `${text}=`, ` ${text}`]) {
      expect(check(options, ["x", other])).toBe("signature_malformed");
    }
  });
});

describe("several secrets", () => {
  const other = Buffer.from("another secret of the same kind");

  it("are all tried, and the first that matches is named", () => {
    const headers = ["X-Hub-Signature-256", `sha256=${valid}`];
    expect(check(github, headers, { keys: [other, key] })).toBe(1);
    expect(check(github, headers, { keys: [key, key] })).toBe(0);
    expect(check(github, headers, { keys: [other, other] })).toBe("signature_mismatch");
  });

  it("are compared without stopping at the first", () => {
    const tried: number[] = [];
    expect(matchingKey([1, 2, 3], (one) => tried.push(one) > 0)).toBe(0);
    expect(tried.sort()).toEqual([1, 2, 3]);
  });

  it("match no digest of another length", () => {
    expect(matchesAny(Buffer.from("ab"), [Buffer.from("a"), Buffer.from("abc"), Buffer.alloc(0)])).toBe(false);
    expect(matchesAny(Buffer.from("ab"), [Buffer.from("xx"), Buffer.from("ab")])).toBe(true);
  });
});

describe("a signed time", () => {
  const options: HmacOptions = { header: "s", timestampHeader: "t", signed: "{timestamp}.{body}" };
  const sign = (time: string): string => createHmac("sha256", key).update(`${time}.`).update(body).digest("hex");

  it("is checked, and refused where it is missing, repeated or empty", () => {
    const time = "1700000000";
    expect(check(options, ["s", sign(time), "t", time])).toBe(0);
    expect(check(options, ["s", sign(time)])).toBe("signed_part_missing");
    expect(check(options, ["s", sign(time), "t", time, "t", time])).toBe("signed_part_missing");
    expect(check(options, ["s", sign(""), "t", ""])).toBe("signed_part_missing");
    expect(check(options, ["s", sign("1699999699"), "t", "1699999699"])).toBe("timestamp_too_old");
    expect(check(options, ["s", sign("1700000061"), "t", "1700000061"])).toBe("timestamp_in_future");
  });

  it("goes together with a place to read it from", () => {
    expect(() => hmac({ header: "s", signed: "{timestamp}.{body}" })).toThrow(TypeError);
    expect(() => hmac({ header: "s", timestampHeader: "t" })).toThrow(TypeError);
    expect(() => hmac({ header: "s", signature: { form: "pairs", signature: "v1", timestamp: "t" } })).toThrow(TypeError);
  });
});

describe("signed text from a function", () => {
  it("matches any alternative and passes a refusal on", () => {
    const reading = (read: () => ReturnType<typeof failed> | { alternatives: Buffer[][] }): HmacOptions => ({
      header: "s",
      signed: { coversBody: true, coversUrl: false, read },
    });
    expect(
      check(
        reading(() => ({ alternatives: [[Buffer.from("x")], [body]] })),
        ["s", valid],
      ),
    ).toBe(0);
    expect(
      check(
        reading(() => ({ alternatives: [] })),
        ["s", valid],
      ),
    ).toBe("signature_mismatch");
    expect(
      check(
        reading(() => failed("body_hash_mismatch", "")),
        ["s", valid],
      ),
    ).toBe("body_hash_mismatch");
  });
});

describe("sign", () => {
  it("makes what verify accepts, for every form, hash, encoding and key", () => {
    const forms = fc.constantFrom<Partial<HmacOptions>>(
      {},
      { signature: { form: "whole", prefix: "v0=" }, timestampHeader: "t", signed: "v0:{timestamp}:{body}" },
      { signature: { form: "pairs", signature: "v1", timestamp: "t" }, signed: "{timestamp}.{body}" },
      { signature: { form: "pairs", signature: "h1" }, signed: "{url}|{body}" },
    );
    const hashes = fc.constantFrom("sha1" as const, "sha256" as const, "sha384" as const, "sha512" as const);
    const encodings = fc.constantFrom("hex" as const, "base64" as const);
    fc.assert(
      fc.property(forms, hashes, encodings, fc.uint8Array(), fc.uint8Array({ minLength: 1 }), (form, hash, encoding, bytes, secret) => {
        const scheme = hmac({ header: "s", hash, encoding, key: "hex", ...form });
        const text = Buffer.from(secret).toString("hex");
        const parts = { method: "POST", url: "https://example.test/", body: Buffer.from(bytes) };
        const { headers } = scheme.sign!(new ReceiverRequest({ ...parts, rawHeaders: [] }), text, { now: 1_700_000_000.9 });
        const request = new ReceiverRequest({ ...parts, rawHeaders: Object.entries(headers).flat() });
        expect(scheme.verify(request, [scheme.secret.parse(text)!], { now: 1_700_000_000 })).toEqual({ verified: true, secretIndex: 0 });
      }),
    );
  });

  it("refuses a secret of another form", () => {
    const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [] });
    expect(() => hmac({ header: "s", key: "base64" }).sign!(request, "*", { now: 0 })).toThrow(TypeError);
    expect(() => hmac({ header: "s", signed: "{header:x}{body}" }).sign!(request, "key", { now: 0 })).toThrow(TypeError);
  });
});
