import { isUtf8 } from "node:buffer";
import { parse as parseSecureJson } from "secure-json-parse";
import { RequestError } from "../errors.ts";
import type { Limits } from "../options.ts";

/** The kinds of body that can be read. */
export type BodyKind = "json" | "form" | "xml" | "text";

/** Which content types a receiver reads. */
export interface BodyRule {
  /** In order of preference; the first is taken where the request names no content type. */
  readonly kinds: readonly BodyKind[];
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

type BodyLimits = Pick<Limits, "maxDepth" | "maxKeys">;

/**
 * Parses a verified body.
 *
 * @throws RequestError `unsupported_media_type`, `malformed_body`, `hostile_body` or `too_complex`.
 */
export async function parseBody(content: Buffer, contentType: string | undefined, rule: BodyRule, limits: BodyLimits): Promise<ParsedBody> {
  const kind = bodyKindOf(contentType, rule);
  if (!isUtf8(content)) throw new RequestError("malformed_body", "The body is not UTF-8.");
  const text = content.toString("utf8");
  switch (kind) {
    case "text":
      return { kind, data: text, hasUnsafeIntegers: false };
    case "json":
      return parseJson(text, limits);
    case "xml": {
      const { parseXml } = await import("./xml.ts");
      const data = parseXml(text);
      checkComplexity(data, limits);
      return { kind, data, hasUnsafeIntegers: false };
    }
    case "form": {
      const data = parseForm(text, limits.maxKeys);
      const nested = rule.jsonField === undefined ? undefined : data[rule.jsonField];
      if (Array.isArray(nested)) throw new RequestError("malformed_body", `The form has more than one field ${rule.jsonField}.`);
      return typeof nested === "string" ? { ...parseJson(nested, limits), kind } : { kind, data, hasUnsafeIntegers: false };
    }
  }
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

function parseJson(text: string, limits: BodyLimits): ParsedBody {
  let data: unknown;
  try {
    data = parseSecureJson(text, null, { protoAction: "error", constructorAction: "error" });
  } catch (cause) {
    const hostile = cause instanceof SyntaxError && cause.message.includes("forbidden prototype property");
    throw new RequestError(hostile ? "hostile_body" : "malformed_body", undefined, { cause });
  }
  return { kind: "json", data, hasUnsafeIntegers: checkComplexity(data, limits) };
}

/** Refuses deep or wide values; tells whether a whole number past 2^53 is among them. */
function checkComplexity(root: unknown, { maxDepth, maxKeys }: BodyLimits): boolean {
  let keys = 0;
  let unsafe = false;
  const visit = (value: unknown, depth: number): void => {
    if (typeof value === "number") {
      if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) unsafe = true;
      return;
    }
    if (typeof value !== "object" || value === null) return;
    if (depth >= maxDepth) throw new RequestError("too_complex", `The body is nested deeper than ${maxDepth} levels.`);
    const members = Array.isArray(value) ? value : Object.values(value);
    keys += members.length;
    if (keys > maxKeys) throw new RequestError("too_complex", `The body has more than ${maxKeys} keys and items.`);
    for (let i = 0; i < members.length; i++) visit(members[i], depth + 1);
  };
  visit(root, 0);
  return unsafe;
}

function bodyKindOf(contentType: string | undefined, rule: BodyRule): BodyKind {
  if (contentType === undefined || contentType.trim() === "") return rule.kinds[0] ?? "json";
  const semicolon = contentType.indexOf(";");
  const essence = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  const kind = rule.kinds.find((candidate) => mediaTypes[candidate].test(essence));
  if (!kind) {
    throw new RequestError("unsupported_media_type", undefined, { hint: `The receiver reads ${rule.kinds.join(" or ")}. Choose another content type at the provider.` });
  }
  return kind;
}

const mediaTypes: Readonly<Record<BodyKind, RegExp>> = {
  json: /^(?:application|text)\/(?:[a-z0-9!#$&^_.-]+\+)?json$/,
  xml: /^(?:application|text)\/(?:[a-z0-9!#$&^_.-]+\+)?xml$/,
  form: /^application\/x-www-form-urlencoded$/,
  text: /^text\/plain$/,
};
