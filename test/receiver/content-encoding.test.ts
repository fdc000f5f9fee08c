import { randomBytes } from "node:crypto";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { decodeContent } from "../../src/receiver/content-encoding.ts";

const text = Buffer.from('{"a":"Größe"}');
const maxBytes = 1024 * 1024;

async function code(...input: Parameters<typeof decodeContent>): Promise<unknown> {
  try {
    await decodeContent(...input);
    return "decoded";
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

describe("decodeContent", () => {
  it.each([
    ["identity", text],
    ["", text],
    [undefined, text],
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    [" GZIP ", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
  ])("undoes %j", async (encoding, body) => expect(await decodeContent(body, encoding, maxBytes)).toEqual(text));

  it.each(["zstd", "compress", "gzip, gzip", "gzip,br", "*", "__proto__", "constructor", "toString"])("refuses %j", async (encoding) => {
    expect(await code(gzipSync(text), encoding, maxBytes)).toBe("unsupported_encoding");
  });

  it.each([
    ["gzip", text],
    ["gzip", gzipSync(text).subarray(0, -5)],
    ["gzip", Buffer.concat([gzipSync(text), Buffer.from("behind")])],
    ["gzip", Buffer.alloc(0)],
    ["deflate", deflateRawSync(text)],
    ["deflate", Buffer.concat([deflateSync(text), Buffer.from("behind")])],
    ["br", text],
    ["br", brotliCompressSync(text).subarray(0, -1)],
    ["br", Buffer.concat([brotliCompressSync(text), Buffer.from("behind")])],
  ])("refuses a body that is not whole %s: case %#", async (encoding, body) => {
    expect(await code(body, encoding, maxBytes)).toBe("malformed_encoding");
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const)("stops a bomb of %s", async (encoding, compress) => {
    expect(await code(compress(Buffer.alloc(50 * maxBytes)), encoding, maxBytes)).toBe("too_large");
  });

  it("holds to the limit of bytes, and to a hundredfold growth", async () => {
    const noise = randomBytes(200_000);
    expect(await code(gzipSync(noise), "gzip", 200_000)).toBe("decoded");
    expect(await code(gzipSync(noise), "gzip", 199_999)).toBe("too_large");
    expect(await code(gzipSync(Buffer.alloc(64 * 1024)), "gzip", maxBytes)).toBe("decoded");
    expect(await code(gzipSync(Buffer.alloc(512 * 1024)), "gzip", maxBytes)).toBe("too_large");
  });
});
