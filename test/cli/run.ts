import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal?: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of the repository in a process of its own; never rejects. */
export async function run(script: string, parameters: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const path = fileURLToPath(new URL(`../../${script}`, import.meta.url));
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [path, ...parameters], { env: { ...process.env, ...env } })) };
  } catch (error) {
    return error as Ended;
  }
}
