import { ConfigurationError } from "./errors.ts";

/** Limits on everything that a stranger can send. Sizes are bytes, times milliseconds. */
export interface Limits {
  /** Largest body, as sent and once decompressed. Default 1 MiB; `settings.<receiver>.maxBytes` overrides it. */
  readonly maxBytes: number;
  /** Bodies held at once, over all requests. Default 64 MiB. */
  readonly maxBytesInFlight: number;
  /** Requests handled at once. Default 256. */
  readonly maxRequestsInFlight: number;
  /** Longest that requests may queue for the processor before new ones are refused. Default 2,000. */
  readonly processorWaitMs: number;
  /** Header lines of one request. Default 200. */
  readonly maxHeaders: number;
  /** Nesting of a body. Default 100. */
  readonly maxDepth: number;
  /** Keys and array items of a body, form fields included. Default 10,000. */
  readonly maxKeys: number;
  /** Longest wait for a source of secrets. Default 5,000. */
  readonly secretsTimeoutMs: number;
  /** Longest run of the handlers of one delivery, in the request. Default 30,000. */
  readonly handlersTimeoutMs: number;
  /** Longest wait for the store, and for another copy of the same delivery. Default 5,000. */
  readonly duplicateWaitMs: number;
}

/** The defaults of {@link Limits}. */
export const defaultLimits: Limits = {
  maxBytes: 1024 * 1024,
  maxBytesInFlight: 64 * 1024 * 1024,
  maxRequestsInFlight: 256,
  processorWaitMs: 2_000,
  maxHeaders: 200,
  maxDepth: 100,
  maxKeys: 10_000,
  secretsTimeoutMs: 5_000,
  handlersTimeoutMs: 30_000,
  duplicateWaitMs: 5_000,
};

/** The longest that a timer of Node.js can wait; a longer one would fire at once. */
export const maxTimerMs = 2 ** 31 - 1;

/** Collects the faults of an options object, so that a user sees all of them at once, each with its path. */
export class Faults {
  readonly #list: string[] = [];

  add(path: string, problem: string): void {
    this.#list.push(`${path}: ${problem}`);
  }

  /** Faults where a number is missing, not whole, below `min` or above `max`. */
  checkInteger(path: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return;
    this.add(
      path,
      `expected a whole number of at least ${min}${max === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${max}`}, got ${show(value)}.`,
    );
  }

  /** Faults where a value is given and neither true nor false: the text "false" of an environment variable would count as true. */
  checkBoolean(path: string, value: unknown): void {
    if (value !== undefined && typeof value !== "boolean") this.add(path, `expected true or false, got ${show(value)}.`);
  }

  /** Faults where a value is given and lacks one of the methods that make it what it has to be. */
  checkMethods(path: string, value: unknown, methods: readonly string[]): void {
    if (value === undefined) return;
    const has = (name: string): boolean => typeof (value as Record<string, unknown> | null)?.[name] === "function";
    const missing = methods.filter((name) => !has(name));
    if (missing.length > 0)
      this.add(path, `expected an object with the methods ${methods.join(", ")}; ${missing.join(", ")} missing in ${show(value)}.`);
  }

  /** Faults for members that are not known, with the nearest known name. */
  checkKeys(path: string, value: object, known: readonly string[]): void {
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const near = known.find((name) => isNear(name.toLowerCase(), key.toLowerCase()));
      this.add(join(path, key), near ? `unknown option; did you mean "${near}"?` : `unknown option; known are ${known.join(", ")}.`);
    }
  }

  /** Throws one {@link ConfigurationError} that lists every fault, if there is any. */
  throwIfAny(): void {
    if (this.#list.length === 0) return;
    const many = this.#list.length === 1 ? "1 option is wrong" : `${this.#list.length} options are wrong`;
    throw new ConfigurationError("invalid_options", `${many}:\n${this.#list.map((fault) => `  - ${fault}`).join("\n")}`);
  }
}

/** `a.b`, or `b` where `a` is the root. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** A value as a fault may print it: its type and, for harmless ones, itself. Never a string's content. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return value === "" ? "an empty string" : "a string";
  if (Array.isArray(value)) return "a list";
  return typeof value === "function" ? "a function" : "an object";
}

function isNear(a: string, b: string): boolean {
  if (a.startsWith(b) || b.startsWith(a)) return true;
  if (Math.abs(a.length - b.length) > 2) return false;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[b.length] ?? 9) <= 2;
}
