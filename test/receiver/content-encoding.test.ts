import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { decodeContent } from "../../src/receiver/content-encoding.ts";

const text = Buffer.from('{"a":"Größe"}');
const maxBytes = 1024 * 1024;

function code(decoding: Promise<unknown>): Promise<unknown> {
  return decoding.then(() => "decoded", (error: { code?: unknown }) => error.code ?? error);
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
    expect(await code(decodeContent(gzipSync(text), encoding, maxBytes))).toBe("unsupported_encoding");
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
    expect(await code(decodeContent(body, encoding, maxBytes))).toBe("malformed_encoding");
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const)("stops a bomb of %s", async (encoding, compress) => {
    expect(await code(decodeContent(compress(Buffer.alloc(50 * maxBytes)), encoding, maxBytes))).toBe("too_large");
  });

  it("holds to the limit of bytes, and to a hundredfold growth", async () => {
    const noise = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919 + (index >> 3)) % 251));
    expect(await code(decodeContent(gzipSync(noise), "gzip", 200_000))).toBe("decoded");
    expect(await code(decodeContent(gzipSync(noise), "gzip", 199_999))).toBe("too_large");
    expect(await code(decodeContent(gzipSync(Buffer.alloc(64 * 1024)), "gzip", maxBytes))).toBe("decoded");
    expect(await code(decodeContent(gzipSync(Buffer.alloc(512 * 1024)), "gzip", maxBytes))).toBe("too_large");
  });
});
