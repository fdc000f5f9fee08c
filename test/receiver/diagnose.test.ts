import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { diagnose, maxDiagnosedBytes } from "../../src/receiver/diagnose.ts";
import { type HmacOptions, hmac, ReceiverRequest, rawHeadersOf } from "../../src/receiver/index.ts";

const url = "https://example.test/hooks?shop=1";

/** The guess for a request signed with one text and key and received with another. */
function guess(
  signedText: string,
  received: { body?: string; url?: string; key?: string; secret?: string },
  options: Partial<HmacOptions> = {},
  signingKey: string | Buffer = "key",
) {
  const signature = createHmac("sha256", signingKey).update(signedText).digest("hex");
  const request = new ReceiverRequest({
    method: "POST",
    url: received.url ?? url,
    rawHeaders: rawHeadersOf({ "x-signature": signature }),
    body: Buffer.from(received.body ?? ""),
  });
  return diagnose(hmac({ header: "x-signature", ...options }), request, [Buffer.from(received.key ?? "key")], { now: 0 });
}

describe("diagnose", () => {
  it.each([
    ['{"a":1,"b":[2]}', '{ "a": 1, "b": [2] }'],
    ['{\n  "a": 1\n}', '{"a":1}'],
    ['{\n    "a": 1\n}', '{"a":1}'],
    ['{"a": "x,y:z", "b": 2}', '{"a":"x,y:z","b":2}'],
    ['{"a":1}', '{"a":1}\r\n'],
    ['{"a":1}\n', '{"a":1}'],
  ])("knows that %j was signed where %j arrived", (signed, body) => expect(guess(signed, { body })).toEqual(expect.any(String)));

  it.each([
    ["http://example.test/hooks?shop=1", url],
    ["https://example.test/hooks/?shop=1", url],
    ["https://example.test/hooks", url],
    ["https://example.test/hooks?shop=1", "http://example.test/hooks/?shop=1"],
  ])("knows that %s was signed where %s is expected", (signed, expected) => {
    expect(guess(signed, { url: expected }, { signed: "{url}" })).toEqual(expect.any(String));
  });

  it("knows a secret in another form", () => {
    expect(guess("x", { body: "x", key: "whsec_abc" }, {}, "abc")).toEqual(expect.any(String));
    expect(guess("x", { body: "x", key: "whsec_AQIDBA==" }, {}, Buffer.from([1, 2, 3, 4]))).toEqual(expect.any(String));
    expect(guess("x", { body: "x", key: "01020304" }, {}, Buffer.from([1, 2, 3, 4]))).toEqual(expect.any(String));
  });

  it("never tells a secret or a query", () => {
    const hints = [
      guess("x", { body: "x", key: "whsec_abc" }, {}, "abc"),
      guess("https://example.test/hooks/?shop=1", {}, { signed: "{url}" }),
    ];
    for (const hint of hints) expect(hint).not.toMatch(/abc|shop/);
  });

  it("has no guess for another secret, nor for a large body", () => {
    expect(guess("x", { body: "x", key: "other" })).toBeUndefined();
    expect(guess('{"a":1}', { body: `{"a":1}${" ".repeat(maxDiagnosedBytes)}` })).toBeUndefined();
  });

  it.each(["[".repeat(30_000), '"'.repeat(60_000), `{"${"\\".repeat(60_000)}":1}`, " ".repeat(60_000), "{}".repeat(30_000)])(
    "is quick and does not throw on crafted bodies: case %#",
    (body) => {
      const start = performance.now();
      expect(guess("other", { body })).toBeUndefined();
      expect(performance.now() - start).toBeLessThan(5_000);
    },
  );
});
