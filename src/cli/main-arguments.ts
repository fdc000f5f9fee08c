import { parseArgs } from "node:util";
import { nearest } from "./main-nearest.ts";

/** An option of a command. */
export interface OptionDescription {
  /** What stands for its value in the help; one without is on or off. */
  readonly value?: string;
  readonly help: string;
}

/** What a command was given. */
export interface Arguments {
  readonly values: Readonly<Record<string, string>>;
  readonly flags: ReadonlySet<string>;
}

/** The user called a command in a way that it cannot be called. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Reads the arguments of a command.
 *
 * @throws UsageError naming the argument, and what it may have been meant to be.
 */
export function readArguments(parameters: readonly string[], options: Readonly<Record<string, OptionDescription>>): Arguments {
  const types = Object.entries(options).map(([name, { value }]) => [name, { type: value === undefined ? "boolean" : "string" }] as const);
  const { tokens } = parseArgs({ args: [...parameters], options: Object.fromEntries(types), strict: false, tokens: true });
  const values: Record<string, string> = {};
  const flags = new Set<string>();
  for (const token of tokens) {
    if (token.kind === "positional") throw new UsageError(`Unexpected argument: ${token.value}.`);
    if (token.kind === "option-terminator") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) throw new UsageError(`Unknown option: ${token.rawName}.${nearest(token.name, Object.keys(options), "--")}`);
    if (option.value === undefined) flags.add(readFlag(token));
    else values[token.name] = readValue(token, option.value);
  }
  return { values, flags };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readFlag({ name, rawName, value }: OptionToken): string {
  if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
  return name;
}

function readValue({ rawName, value = "", inlineValue }: OptionToken, what: string): string {
  if (value === "" || (!inlineValue && value.startsWith("-"))) throw new UsageError(`${rawName} needs a value: ${rawName} <${what}>.`);
  return value;
}
