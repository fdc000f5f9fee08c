import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { RequestError } from "../errors.ts";

/**
 * The body decompressed: identity, or one layer of gzip, deflate or br.
 *
 * @throws RequestError `unsupported_encoding`, `malformed_encoding`, or `too_large` where the output would pass `maxBytes`
 *   or grows more than a hundredfold.
 */
export function decodeContent(body: Buffer, encoding: string | undefined, maxBytes: number): Buffer | Promise<Buffer> {
  const name = (encoding ?? "").trim().toLowerCase();
  return name === "" || name === "identity" ? body : decompress(body, name, maxBytes);
}

async function decompress(body: Buffer, name: string, maxBytes: number): Promise<Buffer> {
  const decode = Object.hasOwn(decoders, name) ? decoders[name as keyof typeof decoders] : undefined;
  if (!decode) throw new RequestError("unsupported_encoding");
  const limit = Math.min(maxBytes, Math.max(minRatioBytes, body.length * maxRatio));
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    result = (await decode(body, { maxOutputLength: limit, info: true })) as unknown as typeof result;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new RequestError("too_large", undefined, { cause });
    throw new RequestError("malformed_encoding", undefined, { cause });
  }
  if (result.engine.bytesWritten !== body.length)
    throw new RequestError("malformed_encoding", "There are bytes behind the end of the compressed body.");
  return result.buffer;
}

const decoders = { gzip: promisify(gunzip), "x-gzip": promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };

/** Real JSON seldom shrinks more than fiftyfold; a bomb of zeros a thousandfold. */
const maxRatio = 100;
const minRatioBytes = 64 * 1024;
