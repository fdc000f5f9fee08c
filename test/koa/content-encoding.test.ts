import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { startApp } from "../support/app.ts";
import { step } from "../support/handlers.ts";

const body = JSON.stringify({ list: Array.from({ length: 50 }, (_, index) => index) });
const codings = { gzip: gzipSync(body), "x-gzip": gzipSync(body), deflate: deflateSync(body), br: brotliCompressSync(body) };

describe("a compressed body", () => {
  test.each(Object.entries(codings))("%s is handled, its signature over the bytes as sent", async (coding, compressed) => {
    const seen: unknown[] = [];
    const { post } = await startApp({
      webhooks: { handlers: [step((context) => void seen.push(context.data, context.rawBody.equals(compressed)))] },
    });
    expect((await post({ body: compressed, headers: { "content-encoding": coding } })).status).toBe(200);
    expect(seen).toEqual([JSON.parse(body), true]);
  });

  test.each(["GZIP", " gzip "])("named %p is handled", async (coding) => {
    const { post } = await startApp();
    expect((await post({ body: codings.gzip, headers: { "content-encoding": coding } })).status).toBe(200);
  });

  test.each([
    ["a bomb of 50 MB of zeros", gzipSync(Buffer.alloc(50_000_000)), "gzip", 413],
    ["a bomb in brotli", brotliCompressSync(Buffer.alloc(50_000_000)), "br", 413],
    ["one that is cut off", codings.gzip.subarray(0, -10), "gzip", 400],
    ["one with bytes behind its end", Buffer.concat([codings.gzip, Buffer.from("rest")]), "gzip", 400],
    ["one with a second stream behind it", Buffer.concat([codings.gzip, codings.gzip]), "gzip", 400],
    ["rubbish", Buffer.from("no gzip at all"), "gzip", 400],
    ["nothing", Buffer.alloc(0), "gzip", 400],
    ["one in another coding than it says", codings.br, "gzip", 400],
    ["one that is compressed twice", gzipSync(codings.gzip), "gzip, gzip", 415],
    ["one in three codings", codings.gzip, "gzip, gzip, br", 415],
    ["one in an unknown coding", codings.gzip, "compress", 415],
    ["one in a coding that is named like an object's member", codings.gzip, "constructor", 415],
  ])("that is %s is refused", async (_what, compressed, coding, status) => {
    const { post } = await startApp();
    expect((await post({ body: compressed, headers: { "content-encoding": coding } })).status).toBe(status);
    expect((await post()).status).toBe(200);
  });

  test("that grows past the receiver's own limit is answered 413", async () => {
    const { post } = await startApp({ webhooks: { settings: { github: { maxBytes: 10_000 } } } });
    expect((await post({ body: gzipSync(`"${"x".repeat(10_000)}"`), headers: { "content-encoding": "gzip" } })).status).toBe(413);
  });

  test("that is a bomb and not signed is answered 401", async () => {
    const { post } = await startApp();
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect((await post({ body: bomb, headers: { "content-encoding": "gzip" }, secret: "not-a-secret-but-long-enough-0002" })).status).toBe(
      401,
    );
  });
});
