import type { Arguments, OptionDescription } from "./main-arguments.ts";

/** Where a command writes to: lines of text. */
export interface Output {
  /** What the user asked for. */
  print(line: string): void;
  /** What happens meanwhile, and what went wrong. */
  tell(line: string): void;
}

/** One command of the command line. A file in this folder that exports one as `command` is one: its name is that of the file. */
export interface Command {
  /** What it does, in one line. */
  readonly summary: string;
  /** How it is called, without the name of the program. */
  readonly usage: string;
  readonly options: Readonly<Record<string, OptionDescription>>;
  /** What else there is to know, in paragraphs. */
  readonly details?: string;
  /**
   * Does it.
   *
   * @throws UsageError where the arguments are at fault: exit code 2. Everything else that is thrown is a failure: exit code 1.
   */
  run(given: Arguments, output: Output): Promise<void>;
}
