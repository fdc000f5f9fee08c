// What the child scripts share: their options, what they say to the test, and what the test tells them.
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Logger } from "../../../src/logger.ts";
import type { QueueSpec } from "../open-queue.ts";

/** Reads what {@link startChild} was given. */
export function childOptions<Options>(): Options & { readonly spec: QueueSpec } {
  return JSON.parse(process.argv[2] ?? "");
}

/** Tells the test, at once: what was said before a SIGKILL has been said. The dot at the end tells a whole line from a part. */
export function say(...words: readonly (string | number | boolean)[]): void {
  for (let line = Buffer.from(`${words.join(" ")} .\n`); line.length > 0; ) line = line.subarray(written(line));
}

/** How much of it has been written: nothing while the test has not read what was said before. */
function written(line: Buffer): number {
  try {
    return writeSync(1, line);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    Atomics.wait(pause, 0, 0, 5);
    return 0;
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));

const input = new Socket({ fd: 0 });
const waiting = new Map<string, () => void>();
createInterface({ input })
  .on("line", (line) => waiting.get(line)?.())
  .on("close", () => process.exit(9)); // the test is gone
input.unref();

/** Resolves when the test says this word. Only then does its channel keep this process alive. */
export async function told(word: string): Promise<void> {
  input.ref();
  await new Promise<void>((resolve) => waiting.set(word, resolve));
  input.unref();
}

/** Says that everything has been closed, and, should this process then not end, what keeps it. */
export function sayClosed(...words: readonly (string | number | boolean)[]): void {
  say("closed", ...words);
  setTimeout(() => say("alive", ...process.getActiveResourcesInfo()), 4_000).unref();
}

/** Writes to standard error what an operator would want to know. */
export const stderrLogger: Logger = {
  debug() {},
  info: (fields, message) => console.error("info", message, JSON.stringify(fields)),
  warn: (fields, message) => console.error("warn", message, JSON.stringify(fields)),
  error: (fields, message) => console.error("error", message, JSON.stringify(fields)),
};

/** A short name for bytes. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}
