import type { ReceiverRequest } from "./request.ts";

/** A request whose proof held and whose body has been read. */
export interface VerifiedRequest {
  readonly request: ReceiverRequest;
  /** The body bytes, decompressed. */
  readonly content: Buffer;
  /** The parsed body: JSON value, form fields, XML tree, or text. */
  readonly data: unknown;
}

/**
 * Where a receiver reads a value: a header, a query parameter, a path in the body (`a.b`, with `*` for every item of a
 * list), a constant, the first of several sources that finds something, the first values of several joined by a dot (or
 * another separator; a source that finds nothing is left out), the same for each item of a list, a name with what narrows it
 * (`issues` and `issues.opened`), or a function of the verified request.
 */
export type Source =
  | { readonly header: string }
  | { readonly query: string; readonly otherwise?: string }
  | { readonly body: string }
  | { readonly value: string }
  | { readonly firstOf: readonly Source[] }
  | { readonly joined: readonly Source[]; readonly separator?: string }
  | { readonly each: string; readonly joined: readonly string[]; readonly separator?: string }
  | { readonly name: Source; readonly narrowedBy: Source }
  | ((verified: VerifiedRequest) => string | readonly string[] | undefined);

/** Every value that a source finds, as non-empty text, in order and without repeats. */
export function readSource(source: Source, verified: VerifiedRequest): readonly string[] {
  const values = valuesOf(source, verified);
  const [first] = values;
  if (values.length < 2) return first === undefined || first === "" ? [] : [first];
  const found = [...new Set(values)].filter((value) => value !== "");
  return found.length > maxValues ? found.slice(0, maxValues) : found;
}

/** Values at a dotted path below `data`; `*` stands for every item of a list. Own members only, so no prototype is read. */
export function valuesAt(data: unknown, path: string): readonly unknown[] {
  if (!path.includes(".")) return stepInto(data, path);
  let level: readonly unknown[] = [data];
  for (const key of path.split(".")) {
    level = level.flatMap((value) => stepInto(value, key));
  }
  return level;
}

/** The first text at any of some paths, in their order. Empty text counts as none. */
export function textAt(data: unknown, ...paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const text = valuesAt(data, path).find((value) => typeof value === "string" && value !== "");
    if (typeof text === "string") return text;
  }
  return undefined;
}

function stepInto(value: unknown, key: string): readonly unknown[] {
  if (key === "*") return Array.isArray(value) ? value : [];
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return [];
  return [(value as Record<string, unknown>)[key]];
}

/** A delivery that names more events than this is read as far as here. */
const maxValues = 1_000;

function valuesOf(source: Source, verified: VerifiedRequest): readonly string[] {
  if (typeof source === "function") {
    const value = source(verified);
    return value === undefined ? [] : typeof value === "string" ? [value] : value;
  }
  if ("value" in source) return [source.value];
  if ("firstOf" in source) {
    for (const one of source.firstOf) {
      const values = readSource(one, verified);
      if (values.length > 0) return values;
    }
    return [];
  }
  if ("each" in source) {
    return valuesAt(verified.data, source.each).map((item) => {
      const parts = source.joined.flatMap((path) => valuesAt(item, path).flatMap(textOf).slice(0, 1));
      return parts.filter((part) => part !== "").join(source.separator ?? ".");
    });
  }
  if ("narrowedBy" in source) {
    const narrower = readSource(source.narrowedBy, verified);
    return readSource(source.name, verified).flatMap((name) => [name, ...narrower.map((one) => `${name}.${one}`)]);
  }
  if ("joined" in source) {
    const parts = source.joined.map((one) => readSource(one, verified)[0]).filter((part) => part !== undefined);
    return [parts.join(source.separator ?? ".")];
  }
  if ("header" in source) return verified.request.headers.all(source.header);
  if ("query" in source) {
    const values = verified.request.query.getAll(source.query).filter((value) => value !== "");
    return values.length === 0 && source.otherwise !== undefined ? [source.otherwise] : values;
  }
  const values = valuesAt(verified.data, source.body);
  return values.some(isUnsafeInteger) ? valuesAt(withExactIntegers(verified.content), source.body).flatMap(textOf) : values.flatMap(textOf);
}

function textOf(value: unknown): readonly string[] {
  return typeof value === "string" ? [value] : typeof value === "number" && Number.isFinite(value) ? [String(value)] : [];
}

function isUnsafeInteger(value: unknown): boolean {
  return typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

/** The JSON body once more, with integers past 2^53 as their digits: as numbers, two different ids would become one. */
function withExactIntegers(content: Buffer): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    isUnsafeInteger(value) ? (context?.source ?? value) : value;
  try {
    return JSON.parse(content.toString("utf8").replace(/^\uFEFF/, ""), reviver as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}
