import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Runs a script of this folder in a process of its own. Rejects if that fails. */
export function runScript(name: string, ...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  return promisify(execFile)(process.execPath, [script, ...args]);
}
