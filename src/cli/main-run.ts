import { readdirSync, readFileSync } from "node:fs";
import { describeError, isWebhookError, rootCauseOf } from "../errors.ts";
import { readArguments, UsageError } from "./main-arguments.ts";
import type { Command, Output } from "./main-command.ts";
import { nearest } from "./main-nearest.ts";

const helpOption = { help: { help: "say how it is used" } } as const;

/** Runs the command line; answers the exit code: 0 done, 1 failed, 2 called in a way that it cannot be called. */
export async function runCli(parameters: readonly string[], output: Output = terminal): Promise<number> {
  try {
    await runCommand(parameters, output);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      output.tell(`${error.message}\nRun hookwright --help.`);
      return 2;
    }
    for (const line of explain(error)) output.tell(line);
    return 1;
  }
}

const terminal: Output = { print: (line) => console.log(line), tell: (line) => console.error(line) };

async function runCommand([name, ...rest]: readonly string[], output: Output): Promise<void> {
  if (name === undefined) throw new UsageError(await overview());
  if (name === "--help" || name === "-h" || name === "help") return output.print(await overview());
  if (name === "--version" || name === "-v") return output.print(readVersion());
  if (name.startsWith("-")) throw new UsageError(`Unknown option: ${name}.${nearest(name.replace(/^-+/, ""), ["help", "version"], "--")}`);
  const command = await loadCommand(name);
  if (!command) throw new UsageError(`Unknown command: ${name}.${nearest(name, Object.keys(await loadCommands()))}`);
  const given = readArguments(
    rest.map((each) => (each === "-h" ? "--help" : each)),
    { ...command.options, ...helpOption },
  );
  if (given.flags.has("help")) return output.print(describe(command));
  await command.run(given, output);
}

/** A failure as a person wants to read it: what is wrong, why, and what to do. */
export function explain(error: unknown): readonly string[] {
  if (!isWebhookError(error)) return [describeError(error)];
  const cause = rootCauseOf(error);
  const lines = [error.message];
  if (cause !== error && cause instanceof Error && !error.message.includes(cause.message)) lines.push(`Cause: ${cause.message}`);
  if (error.hint) lines.push(error.hint);
  return lines;
}

/** Only names of files that are there are imported, whatever was typed. */
async function loadCommand(name: string): Promise<Command | undefined> {
  const file = commandFiles().find((each) => nameOf(each) === name);
  if (file === undefined) return undefined;
  const module = (await import(new URL(file, import.meta.url).href)) as { readonly command?: Command };
  return module.command;
}

async function loadCommands(): Promise<Readonly<Record<string, Command>>> {
  const loaded = await Promise.all(commandFiles().map(async (file) => [nameOf(file), await loadCommand(nameOf(file))] as const));
  return Object.fromEntries(loaded.flatMap(([name, command]) => (command ? [[name, command]] : [])));
}

function commandFiles(): readonly string[] {
  return readdirSync(new URL(".", import.meta.url))
    .filter((file) => /^(?!main)[a-z-]+\.[jt]s$/.test(file))
    .sort();
}

function nameOf(file: string): string {
  return file.slice(0, -".ts".length);
}

async function overview(): Promise<string> {
  const commands = Object.entries(await loadCommands()).map(([name, { summary }]) => [name, summary] as const);
  const general = [
    ["--help", "say how it is used; after a command: how that is used"],
    ["--version", "say the version"],
  ] as const;
  return `hookwright <command> [options]\n\nCommands:\n${table(commands)}\n\nOptions:\n${table(general)}`;
}

function describe({ usage, summary, options, details }: Command): string {
  const rows = Object.entries({ ...options, ...helpOption }).map(([name, option]) => {
    const value = "value" in option && option.value !== undefined ? ` <${option.value}>` : "";
    return [`--${name}${value}`, option.help] as const;
  });
  return [`hookwright ${usage}`, summary, ...(details ? [details] : []), `Options:\n${table(rows)}`].join("\n\n");
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

/** From the package's own description, which lies further up in the built package than in the sources. */
function readVersion(): string {
  for (const place of ["../../package.json", "../../../package.json"]) {
    const text = readIfThere(new URL(place, import.meta.url));
    const { name, version } = text === undefined ? {} : (JSON.parse(text) as { readonly name?: string; readonly version?: string });
    if (name === "hookwright" && version !== undefined) return version;
  }
  return "unknown";
}

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
