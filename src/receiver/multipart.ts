import { RequestError } from "../errors.ts";
import type { FormFields } from "./body.ts";

/**
 * The text fields of a `multipart/form-data` body; files are left out. Strict where RFC 7578 is: every part is between two
 * delimiters, and the last delimiter closes the body. Repeated fields are kept.
 *
 * @throws RequestError `malformed_body`, `hostile_body` or `too_complex`.
 */
export function parseMultipart(body: Buffer, contentType: string, maxParts: number): FormFields {
  const boundary = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const delimiter = boundary && `--${boundary[1] ?? boundary[2]}`;
  if (!delimiter) throw malformed();
  const text = body.toString("latin1");
  if (!text.startsWith(`${delimiter}\r\n`)) throw malformed();
  const fields: Record<string, string | string[]> = Object.create(null);
  let at = delimiter.length + 2;
  for (let count = 1; ; count++) {
    if (count > maxParts) throw new RequestError("too_complex", `The form has more than ${maxParts} parts.`);
    const end = text.indexOf(`\r\n${delimiter}`, at);
    if (end < 0) throw malformed();
    addPart(fields, text.slice(at, end));
    at = end + 2 + delimiter.length;
    if (text.startsWith("--", at)) return fields;
    if (!text.startsWith("\r\n", at)) throw malformed();
    at += 2;
  }
}

function addPart(fields: Record<string, string | string[]>, part: string): void {
  const blank = part.indexOf("\r\n\r\n");
  if (blank < 0 || blank > maxPartHeaders) throw malformed();
  const disposition = part
    .slice(0, blank)
    .split("\r\n")
    .find((line) => /^content-disposition\s*:/i.test(line));
  const name = disposition && /;\s*name="([^"]{0,200})"/i.exec(disposition)?.[1];
  if (name === undefined) throw malformed();
  if (disposition !== undefined && /;\s*filename\*?=/i.test(disposition)) return;
  const key = utf8(name);
  if (key === "__proto__") throw new RequestError("hostile_body");
  const value = utf8(part.slice(blank + 4));
  const before = fields[key];
  if (before === undefined) fields[key] = value;
  else if (typeof before === "string") fields[key] = [before, value];
  else before.push(value);
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

function malformed(): RequestError {
  return new RequestError("malformed_body", "The body is not well-formed multipart/form-data.");
}

const maxPartHeaders = 4_096;
