import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import { chmod, chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type EngineCommand,
  type EngineName,
  type EnginePlace,
  type EngineProgram,
  enginePrograms,
  type Owner,
} from "./engine-programs.ts";
import { until } from "./until.ts";

/** A server of a test's own, in a temporary directory and on free ports of this machine. */
export interface PrivateEngine {
  /** Where it is: the same after every start. */
  readonly connection: string;
  /** Starts it again on what it has stored, and waits until it answers. */
  start(): Promise<void>;
  /** Ends it: as its operator would, or by SIGKILL. */
  stop(how: "asked" | "killed"): Promise<void>;
  /** Ends it and removes all that it stored. */
  remove(): Promise<void>;
}

/** Whether this machine has what {@link startEngine} runs. */
export function isEngineInstalled(name: EngineName): boolean {
  return enginePrograms[name].find() !== undefined;
}

/** Starts a private server. It ends, at the latest, with this process. */
export async function startEngine(name: EngineName): Promise<PrivateEngine> {
  const program = enginePrograms[name];
  const binary = program.find();
  if (binary === undefined) throw new Error(`${name} is not installed.`);
  const ports = await freePorts(3);
  const directory = await mkdtemp(join(tmpdir(), `hookwright-${name}-`));
  const owner = program.refusesRoot ? ownerInPlaceOfRoot() : undefined;
  await chmod(directory, 0o755);
  if (owner) await chown(directory, owner.uid, owner.gid);
  const engine = new ProcessEngine({ name, program, place: { binary, directory, ports, owner } });
  try {
    await program.prepare?.({ binary, directory, ports, owner });
    await engine.start();
  } catch (error) {
    await engine.remove();
    throw error;
  }
  return engine;
}

interface ProcessEngineOptions {
  readonly name: EngineName;
  readonly program: EngineProgram;
  readonly place: EnginePlace;
}

class ProcessEngine implements PrivateEngine {
  readonly connection: string;
  readonly #options: ProcessEngineOptions;
  readonly #log: string;
  #server: GuardedProcess | undefined;
  #companion: GuardedProcess | undefined;
  #isRemoved = false;

  constructor(options: ProcessEngineOptions) {
    this.#options = options;
    this.connection = options.program.connection(options.place.ports);
    this.#log = logOf(options.place);
  }

  async start(): Promise<void> {
    const { program, place } = this.#options;
    const companion = program.companion?.(place);
    if (companion && !this.#companion) this.#companion = startGuarded(companion, place);
    for (let tries = 1; !(await this.#tryToStart()); tries++) {
      if (tries === 50 || this.#isRemoved) throw new Error(`${this.#options.name} does not start:\n${await readFile(this.#log, "utf8")}`);
      await delay(100);
    }
  }

  /** What a killed server leaves may still be in the way of the next: then that ends at once. */
  async #tryToStart(): Promise<boolean> {
    const { program, place } = this.#options;
    const server = startGuarded(program.command(place), place);
    this.#server = server;
    const hasEnded = () => server.child.exitCode !== null || server.child.signalCode !== null;
    const isReady = async () => program.isReady(await ask(place.ports[0], program.question));
    await until(async () => hasEnded() || (await isReady()) || (await delay(25, false)), 90_000);
    return !hasEnded();
  }

  async stop(how: "asked" | "killed"): Promise<void> {
    await this.#server?.end(how === "killed" ? "SIGKILL" : this.#options.program.stopSignal);
    this.#server = undefined;
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    await this.stop("killed");
    await this.#companion?.end("SIGKILL");
    await rm(this.#options.place.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

interface GuardedProcess {
  readonly child: ChildProcess;
  end(signal: NodeJS.Signals): Promise<void>;
}

const logOf = ({ directory }: EnginePlace) => join(directory, "output.log");

/** Kills a process and removes a directory when whoever holds the other end of its input is gone. */
const guardScript = 'read -r line; kill -9 "$0"; rm -rf -- "$1"';

/** Starts a server, and a shell that ends it when this process is gone: killed, say, by the runner's own time limit. */
function startGuarded({ file, args, env }: EngineCommand, place: EnginePlace): GuardedProcess {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: env ?? process.env, cwd: "/", ...place.owner });
  const output = createWriteStream(logOf(place), { flags: "a" }).on("error", () => {}); // the directory may be gone before the last line
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const guard = spawn("/bin/sh", ["-c", guardScript, String(child.pid), place.directory], { stdio: ["pipe", "ignore", "ignore"] });
  const ended = once(child, "close").then(() => {
    guard.kill("SIGKILL"); // before the number of the process can be another's
    output.end();
  });
  return {
    child,
    end: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}

/** What a server answers first to a question; empty where it does not. */
function ask(port: number, question: Uint8Array | string): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (answer: Buffer = Buffer.alloc(0)) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end());
    socket.once("connect", () => void (question.length > 0 && socket.write(question)));
    socket.once("data", end);
    socket.once("error", () => end());
    socket.once("close", () => end());
  });
}

async function freePorts(count: number): Promise<readonly [number, ...number[]]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, ...number[]];
}

/** PostgreSQL does not run as root: who runs it then. */
function ownerInPlaceOfRoot(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, existsSync("/var/lib/postgresql") ? "postgres" : "nobody"]));
  return { uid: id("-u"), gid: id("-g") };
}
