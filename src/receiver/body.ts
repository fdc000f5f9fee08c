import { isUtf8 } from "node:buffer";
import { RequestError } from "../errors.ts";
import { defaultLimits } from "../options.ts";
import { type DataLimits, inspectData } from "./inspect-data.ts";
import { parseMultipart } from "./multipart.ts";

/** The kinds of body that can be read. */
export type BodyKind = "json" | "form" | "xml" | "text" | "multipart" | "any";

/** Which content types a receiver reads. */
export interface BodyRule {
  /** In order of preference; the first is taken where the request names no content type. `any` is read as text, whatever it is. */
  readonly kinds: readonly BodyKind[];
  /** Read as the first kind, whatever the request says it is: for providers that send JSON as `text/plain`. */
  readonly ignoreContentType?: boolean;
  /** Whether an empty body is a delivery too; its data is undefined. */
  readonly mayBeEmpty?: boolean;
  /** A form field that holds the real payload as JSON, as in `payload={…}`. */
  readonly jsonField?: string;
}

/** A body as a value. */
export interface ParsedBody {
  readonly kind: BodyKind;
  readonly data: unknown;
  /** Whether a whole number lies past 2^53, so that `data` holds a rounded one. */
  readonly hasUnsafeIntegers: boolean;
}

/** Fields of a form; a name that occurs more than once has a list. Without a prototype. */
export type FormFields = Readonly<Record<string, string | readonly string[]>>;

/**
 * Parses a verified body.
 *
 * @throws RequestError `unsupported_media_type`, `malformed_body`, `hostile_body` or `too_complex`.
 */
export function parseBody(
  content: Buffer,
  contentType: string | undefined,
  rule: BodyRule,
  limits: DataLimits,
): ParsedBody | Promise<ParsedBody> {
  if (content.length === 0 && rule.mayBeEmpty) return { kind: rule.kinds[0] ?? "json", data: undefined, hasUnsafeIntegers: false };
  const kind = bodyKindOf(contentType, rule);
  if (!kind) {
    throw new RequestError("unsupported_media_type", undefined, {
      hint: `The receiver reads ${rule.kinds.join(" or ")}. Choose another content type at the provider.`,
    });
  }
  // Files in a form are bytes of any kind, and are left out of its data.
  if (kind !== "multipart" && !isUtf8(content)) throw new RequestError("malformed_body", "The body is not UTF-8.");
  const text = content.toString("utf8");
  switch (kind) {
    case "any":
    case "text":
      return { kind, data: text, hasUnsafeIntegers: false };
    case "json":
      return parseJson(text, limits);
    case "xml":
      return parseXmlBody(text, limits);
    case "multipart":
    case "form": {
      const data = kind === "form" ? parseForm(text, limits.maxKeys) : parseMultipart(content, contentType ?? "", limits.maxKeys);
      const nested = rule.jsonField === undefined ? undefined : data[rule.jsonField];
      if (Array.isArray(nested)) throw new RequestError("malformed_body", `The form has more than one field ${rule.jsonField}.`);
      return typeof nested === "string" ? { ...parseJson(nested, limits), kind } : { kind, data, hasUnsafeIntegers: false };
    }
  }
}

async function parseXmlBody(text: string, limits: DataLimits): Promise<ParsedBody> {
  return { kind: "xml", data: await readXml(text, limits), hasUnsafeIntegers: false };
}

/**
 * An XML text as a tree of objects, for receivers whose XML stands inside something else. The parser is loaded when the first XML
 * comes: most applications never see any.
 *
 * @throws RequestError `malformed_body`, `hostile_body` or `too_complex`.
 */
export async function readXml(text: string, limits: DataLimits = defaultLimits): Promise<unknown> {
  const { parseXml } = await import("./xml.ts");
  const data = parseXml(text);
  inspectData(data, limits);
  return data;
}

/** Form fields as an object. Reserved names are refused, repeated ones kept. */
export function parseForm(text: string, maxKeys: number): FormFields {
  const fields: Record<string, string | string[]> = Object.create(null);
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    if (++count > maxKeys) throw new RequestError("too_complex", `The form has more than ${maxKeys} fields.`);
    if (name === "__proto__") throw new RequestError("hostile_body");
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (typeof before === "string") fields[name] = [before, value];
    else before.push(value);
  }
  return fields;
}

function parseJson(text: string, limits: DataLimits): ParsedBody {
  let data: unknown;
  try {
    data = JSON.parse(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text);
  } catch {
    // The parser's own message quotes the payload.
    throw new RequestError("malformed_body");
  }
  return { kind: "json", data, hasUnsafeIntegers: inspectData(data, limits).hasUnsafeIntegers };
}

const byteOrderMark = 0xfeff;

/** How a body is read; undefined if its content type is none that the rule takes. */
export function bodyKindOf(contentType: string | undefined, rule: BodyRule): BodyKind | undefined {
  if (contentType === "application/json" && rule.kinds.includes("json")) return "json";
  if (rule.ignoreContentType || contentType === undefined || contentType.trim() === "") return rule.kinds[0] ?? "json";
  const semicolon = contentType.indexOf(";");
  const essence = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  return rule.kinds.find((candidate) => mediaTypes[candidate].test(essence));
}

const mediaTypes: Readonly<Record<BodyKind, RegExp>> = {
  json: /^(?:application|text)\/(?:[a-z0-9!#$&^_.-]+\+)?json$/,
  xml: /^(?:application|text)\/(?:[a-z0-9!#$&^_.-]+\+)?xml$/,
  form: /^application\/x-www-form-urlencoded$/,
  text: /^text\/plain$/,
  multipart: /^multipart\/form-data$/,
  any: /^/,
};
