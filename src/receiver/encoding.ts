/** Bytes of a hexadecimal text in either case; undefined if any character is not a digit. `Buffer.from` stops silently instead. */
export function decodeHex(text: string): Buffer | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Buffer.from(text, "hex");
}

/** Bytes of padded standard base64 in its one canonical spelling; undefined otherwise. `Buffer.from` accepts rubbish instead. */
export function decodeBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** The two text forms of a digest in the catalogue. */
export type DigestEncoding = "hex" | "base64";

/** A digest of exactly `length` bytes, or undefined. */
export function decodeDigest(text: string, encoding: DigestEncoding, length: number): Buffer | undefined {
  const bytes = encoding === "hex" ? decodeHex(text) : decodeBase64(text);
  return bytes?.length === length ? bytes : undefined;
}
