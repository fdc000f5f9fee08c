import { RequestError } from "../errors.ts";
import type { Limits } from "../options.ts";

/** What parsed data may be like. */
export type DataLimits = Pick<Limits, "maxDepth" | "maxKeys">;

/**
 * Looks through parsed data once, before anything else touches it: refuses depth, width, and keys that could change a
 * prototype when an application copies the data; tells whether a whole number past 2^53 has been rounded.
 *
 * @throws RequestError `too_complex` or `hostile_body`.
 */
export function inspectData(data: unknown, limits: DataLimits): { readonly hasUnsafeIntegers: boolean } {
  const found: Found = { keys: 0, hasUnsafeIntegers: isUnsafe(data) };
  if (typeof data === "object" && data !== null) visit(data, 1, limits, found);
  return found;
}

interface Found {
  keys: number;
  hasUnsafeIntegers: boolean;
}

function visit(value: object, depth: number, limits: DataLimits, found: Found): void {
  if (depth > limits.maxDepth) throw new RequestError("too_complex", `The body is nested deeper than ${limits.maxDepth} levels.`);
  if (!Array.isArray(value)) refuseHostileKeys(value);
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  found.keys += members.length;
  if (found.keys > limits.maxKeys) throw new RequestError("too_complex", `The body has more than ${limits.maxKeys} keys and items.`);
  for (let i = 0; i < members.length; i++) {
    const member = members[i];
    if (typeof member === "object" && member !== null) visit(member, depth + 1, limits, found);
    else if (isUnsafe(member)) found.hasUnsafeIntegers = true;
  }
}

/** `__proto__`, and a `constructor` with a `prototype`: own keys from JSON that `Object.assign` would make real. */
function refuseHostileKeys(value: object): void {
  if (Object.hasOwn(value, "__proto__")) throw new RequestError("hostile_body");
  if (!Object.hasOwn(value, "constructor")) return;
  const own: unknown = value.constructor;
  if (typeof own === "object" && own !== null && Object.hasOwn(own, "prototype")) throw new RequestError("hostile_body");
}

function isUnsafe(value: unknown): boolean {
  return typeof value === "number" && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER);
}
