import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { until } from "../support/until.ts";
import type { ApplicationOptions } from "./app.ts";
import type { Order, Shot } from "./points.ts";

/** The application in a process of its own. */
export class Application {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #heard: string[][] = [];
  #errors = "";
  #firedBefore = 0;

  constructor(options: ApplicationOptions, compileCache: string) {
    const script = fileURLToPath(new URL("./app.ts", import.meta.url));
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
    this.#child.on("error", () => {}); // it has ended: that shows elsewhere
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#errors = (this.#errors + chunk).slice(-3_000)));
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#heard.push(line.split("\t")));
    this.#ended = once(this.#child, "close");
  }

  get port(): number | undefined {
    const [said] = this.#saidAfter("listening");
    return said === undefined ? undefined : Number(said);
  }

  get isListening(): boolean {
    return this.port !== undefined && !this.hasEnded;
  }

  /** Whether the fault has happened that it was last told of. */
  get hasFired(): boolean {
    return this.#saidAfter("fired").length > this.#firedBefore;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get hasCrashed(): boolean {
    return this.#child.exitCode !== null;
  }

  /** Its last complaints. */
  get errors(): string {
    return this.#errors;
  }

  /** Resolves when it listens; rejects when it ends before. */
  async listens(): Promise<void> {
    await until(() => this.port !== undefined || this.hasEnded, 20_000);
    if (this.port === undefined) throw new Error(`The application did not start:\n${this.#errors}`);
  }

  /** Tells it which fault is to happen, or that none is, and waits until it knows. */
  async arm(shot: Shot | undefined): Promise<void> {
    const times = this.#saidAfter("armed").length;
    if (shot) this.#firedBefore = this.#saidAfter("fired").length;
    this.#tell(shot ? { arm: shot } : { disarm: true });
    await until(() => this.#saidAfter("armed").length > times || this.hasEnded);
  }

  /** Lets a passage go on that waited for the engine. */
  goOn(): void {
    this.#tell({ goOn: true });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when it is stopped. What it says just before that is no sign: on a busy machine seconds may lie between. */
  async stops(): Promise<void> {
    const state = () => promisify(execFile)("ps", ["-o", "state=", "-p", String(this.#child.pid)]);
    await until(async () => (await state()).stdout.startsWith("T"), 30_000);
  }

  /** Resolves when it has ended. */
  async ends(): Promise<void> {
    await this.#ended;
  }

  /** Ends it as its operator would; kills it where that does not help. */
  async stop(): Promise<void> {
    this.signal("SIGTERM");
    const tooLate = setTimeout(() => this.signal("SIGKILL"), 5_000);
    await this.ends();
    clearTimeout(tooLate);
  }

  #tell(order: Order): void {
    if (this.#child.connected) this.#child.send(order);
  }

  /** What followed a word, each time that it was said. */
  #saidAfter(word: string): readonly string[] {
    return this.#heard.filter(([first]) => first === word).map(([, second = ""]) => second);
  }
}
