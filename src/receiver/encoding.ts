/**
 * Bytes of a hexadecimal text in either case; undefined if any character is not a digit. `Buffer.from` stops at one without a word,
 * or takes the low byte of one from another script.
 */
export function decodeHex(text: string): Buffer | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Buffer.from(text, "hex");
}

/** Bytes of padded standard base64 in its one canonical spelling; undefined otherwise. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  // `Buffer.from` accepts rubbish, but only one spelling comes back from it.
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** Bytes of URL-safe base64, padded to a multiple of four or not at all; undefined for any other spelling. */
export function decodeBase64Url(text: string): Buffer | undefined {
  const [, digits, padding] = /^([A-Za-z0-9_-]*)(={0,2})$/.exec(text) ?? [];
  if (digits === undefined || (padding !== "" && text.length % 4 !== 0)) return undefined;
  const bytes = Buffer.from(digits, "base64url");
  return bytes.toString("base64url") === digits ? bytes : undefined;
}

/** The text forms of digests and signatures in the catalogue. The two of hexadecimal differ only in how we write. */
export type DigestEncoding = "hex" | "HEX" | "base64" | "base64url" | "base64url-padded";

/** The bytes of a text, or undefined if it is not in the encoding. */
export function decodeBytes(text: string, encoding: DigestEncoding): Buffer | undefined {
  if (encoding === "hex" || encoding === "HEX") return decodeHex(text);
  return encoding === "base64" ? decodeBase64(text) : decodeBase64Url(text);
}

/** A digest of exactly `length` bytes, or undefined. */
export function decodeDigest(text: string, encoding: DigestEncoding, length: number): Buffer | undefined {
  const bytes = decodeBytes(text, encoding);
  return bytes?.length === length ? bytes : undefined;
}

/** Bytes as text. */
export function encodeBytes(bytes: Buffer, encoding: DigestEncoding): string {
  if (encoding === "HEX") return bytes.toString("hex").toUpperCase();
  if (encoding === "base64url-padded") return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  return bytes.toString(encoding);
}
