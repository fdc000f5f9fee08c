import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "../../support/until.ts";
import type { QueueSpec } from "../open-queue.ts";
import type { CloserOptions } from "./closer.ts";
import type { HolderOptions } from "./holder.ts";
import type { SenderOptions } from "./sender.ts";
import type { WorkerOptions } from "./worker.ts";

/** The scripts and what each takes. */
interface Scripts {
  readonly closer: CloserOptions;
  readonly holder: HolderOptions;
  readonly sender: SenderOptions;
  readonly worker: WorkerOptions;
}

/** How a process ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that a test has started. */
export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #said = new Map<string, string[][]>();
  readonly #end: Promise<ChildEnd>;
  #errors = "";
  #hasEnded = false;

  constructor(name: string, argument: string, environment: NodeJS.ProcessEnv) {
    const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
    this.#name = name;
    this.#process = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, argument], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    this.#process.stdin?.on("error", () => {}); // it has ended: that shows elsewhere
    this.#process.stderr?.on("data", (chunk: Buffer) => (this.#errors += chunk));
    const output = createInterface({ input: this.#process.stdout! }).on("line", (line) => this.#hear(line));
    this.#end = Promise.all([once(this.#process, "close"), once(output, "close")]).then(([[code, signal]]) => {
      this.#hasEnded = true;
      return { code, signal };
    });
  }

  /** What followed this word, each time that it was said. */
  said(word: string): readonly (readonly string[])[] {
    return this.#said.get(word) ?? [];
  }

  /** The first thing after a word, each time that it was said: an id, mostly. */
  ids(word: string): readonly string[] {
    return this.said(word).map(([id = ""]) => id);
  }

  /** Resolves when a word has been said so often; rejects when the process ends before. */
  async says(word: string, times = 1, ms = 20_000): Promise<readonly (readonly string[])[]> {
    await until(() => this.said(word).length >= times || this.#hasEnded, ms).catch((cause) => {
      throw new Error(`It said "${word}" ${this.said(word).length} times, not ${times}.`, { cause });
    });
    if (this.said(word).length < times) throw new Error(`It ended before it had said "${word}" ${times} times.`);
    return this.said(word);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  tell(word: string): void {
    this.#process.stdin?.write(`${word}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** How it ended; rejects when it does not. */
  async ends(ms = 20_000): Promise<ChildEnd> {
    await until(() => this.#hasEnded, ms).catch((cause) => {
      throw new Error(`The ${this.#name} does not end; what keeps it: ${this.said("alive").join(" ") || "not known"}`, { cause });
    });
    return this.#end;
  }

  /** For a report: how it stands, what it said last and what it complained of. */
  describe(): string {
    const counts = [...this.#said].map(([word, lines]) => `${word} ${lines.length}`).join(", ");
    const { exitCode, signalCode } = this.#process;
    return `${this.#name} (exit ${signalCode ?? exitCode ?? "not yet"}): ${counts}\n${this.#errors.slice(-1_500)}`;
  }

  #hear(line: string): void {
    if (!line.endsWith(" .")) return; // cut off by a SIGKILL
    const [word = "", ...rest] = line.slice(0, -2).split(" ");
    const lines = this.#said.get(word);
    if (lines) lines.push(rest);
    else this.#said.set(word, [rest]);
  }
}

/** The processes of one test, all of which end with it. */
export class Children {
  readonly #children: Child[] = [];
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  start<Name extends keyof Scripts>(name: Name, spec: QueueSpec, options: Scripts[Name]): Child {
    const child = new Child(name, JSON.stringify({ ...options, spec }), this.#environment);
    this.#children.push(child);
    return child;
  }

  /** Kills whatever still runs. */
  async end(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await Promise.all(this.#children.splice(0).map((child) => child.ends()));
  }

  describe(): string {
    return this.#children.map((child) => child.describe()).join("\n");
  }
}
