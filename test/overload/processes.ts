import { type ChildProcess, fork, type Serializable } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { AppSettings, AppState } from "./app.ts";
import type { LoadOrder, LoadResult } from "./load.ts";

/** The application in its process. */
export interface RunningApp {
  readonly port: number;
  readonly url: string;
  state(): Promise<AppState>;
  /** Stops it as an operator would; answers its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the application. */
export async function startApp(settings: AppSettings): Promise<RunningApp> {
  const child = forkScript("./app.ts", [JSON.stringify(settings)]);
  const { port } = (await answerOf(child)) as { readonly port: number };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    state: () => asked<AppState>(child, "state"),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

let loading: Promise<ChildProcess> | undefined;

/** Offers a load to a port of this machine, from another process. Call {@link stopLoad} at the end. */
export async function offer(order: LoadOrder): Promise<LoadResult> {
  loading ??= startLoad();
  return asked<LoadResult>(await loading, order);
}

/** Ends the process that offers the load. */
export async function stopLoad(): Promise<void> {
  (await loading)?.kill();
  loading = undefined;
}

async function startLoad(): Promise<ChildProcess> {
  const child = forkScript("./load.ts", []);
  await answerOf(child); // it is ready
  return child;
}

function forkScript(script: string, parameters: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(script, import.meta.url)), parameters, {
    execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

async function asked<Answer>(child: ChildProcess, question: object | string): Promise<Answer> {
  const answer = answerOf(child);
  child.send(question as Serializable);
  return (await answer) as Answer;
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null): void => reject(new Error(`The process ended: ${code ?? signal}.`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}
