import { isUtf8 } from "node:buffer";
import { decodeBase64Url } from "../encoding.ts";

/** A JWS in compact form, taken apart and not verified. RFC 7515, section 7.1. */
export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  /** The first part as it was sent: the signature covers this spelling. */
  readonly headerText: string;
  /** The second part as it was sent; empty where the payload is detached. */
  readonly payloadText: string;
  readonly signature: Buffer;
}

/** Reads a JWS; undefined if it is none, or if it has critical parameters, of which none are known. */
export function readCompactJws(text: string): CompactJws | undefined {
  if (text.length > maxCharacters) return undefined;
  const [headerText = "", payloadText = "", signatureText = "", ...rest] = text.split(".");
  const signature = decodeStrict(signatureText);
  const header = readJsonPart(headerText);
  if (rest.length > 0 || !signature || signature.length === 0 || !decodeStrict(payloadText) || !isObject(header) || "crit" in header)
    return undefined;
  return { header, headerText, payloadText, signature };
}

/** The JSON value in a part of a JWS; undefined if there is none. */
export function readJsonPart(text: string): unknown {
  const bytes = decodeStrict(text);
  if (!bytes || !isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

const maxCharacters = 1024 * 1024;

/** A JWS has no padding. */
function decodeStrict(text: string): Buffer | undefined {
  return text.includes("=") ? undefined : decodeBase64Url(text);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
