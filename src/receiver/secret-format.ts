import { decodeBase64, decodeHex } from "./encoding.ts";

/** How the text that a user configures becomes a key. */
export interface SecretFormat<Key> {
  /** What is expected, for messages: "base64 after `whsec_`". */
  readonly description: string;
  /** The key, or undefined if the text does not have the form. Never throws the text. */
  parse(text: string): Key | undefined;
  /** How many bytes of secret the text holds; for the receiver's length rule. */
  byteLength(text: string): number;
}

/** Text used as it is, in UTF-8. */
export const textSecret: SecretFormat<Buffer> = {
  description: "text, used as it is",
  parse: (text) => (text === "" ? undefined : Buffer.from(text, "utf8")),
  byteLength: (text) => Buffer.byteLength(text, "utf8"),
};

/** Base64, optionally after a fixed prefix such as `whsec_`. */
export function base64Secret(prefix = ""): SecretFormat<Buffer> {
  return bytesSecret(prefix === "" ? "base64" : `base64 after \`${prefix}\``, (text) =>
    decodeBase64(text.startsWith(prefix) ? text.slice(prefix.length) : text),
  );
}

/** Base64 where a fixed prefix says so; any other text is used as it is. */
export function base64OrTextSecret(prefix: string): SecretFormat<Buffer> {
  const decoded = base64Secret(prefix);
  const formatOf = (text: string): SecretFormat<Buffer> => (text.startsWith(prefix) ? decoded : textSecret);
  return {
    description: `base64 after \`${prefix}\`; any other text is used as it is`,
    parse: (text) => formatOf(text).parse(text),
    byteLength: (text) => formatOf(text).byteLength(text),
  };
}

/** Hexadecimal digits in either case. */
export const hexSecret: SecretFormat<Buffer> = bytesSecret("hexadecimal digits", decodeHex);

function bytesSecret(description: string, decode: (text: string) => Buffer | undefined): SecretFormat<Buffer> {
  const parse = (text: string): Buffer | undefined => {
    const bytes = decode(text);
    return bytes && bytes.length > 0 ? bytes : undefined;
  };
  return { description, parse, byteLength: (text) => parse(text)?.length ?? 0 };
}

/**
 * Why a text cannot be a secret at all, whatever the receiver: what careless copying leaves behind.
 * The answer never contains the text.
 */
export function secretTextFault(text: unknown): string | undefined {
  if (text === undefined || text === null) return "expected a secret, got nothing; is the environment variable set?";
  if (typeof text !== "string") return "expected a secret as a string.";
  if (text === "") return "the secret is empty; an empty secret would accept anything.";
  if (/^\s|\s$/.test(text.replace(/(-----END [A-Z ]+-----)\n$/, "$1"))) {
    return "the secret begins or ends with white space; trim the line break that a file or `echo` added.";
  }
  if (/^(["'`]).*\1$/s.test(text)) return "the secret stands in quotes; remove them from the environment file.";
  return undefined;
}
